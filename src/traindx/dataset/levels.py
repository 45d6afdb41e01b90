"""What answers that know nothing of the input score on this dataset, as plain values, and the facts that follow for a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, final

from traindx.baselines import Baseline

Loss = Literal["mse", "rmse", "l1", "huber", "cross_entropy", "bce", "accuracy", "balanced_accuracy", "brier", "lm"]

LOSS_NAMES: Final[dict[Loss, str]] = {
    "mse": "squared error",
    "rmse": "root of the squared error",
    "l1": "absolute error",
    "huber": "Huber's loss (delta 1)",
    "cross_entropy": "cross-entropy",
    "bce": "binary cross-entropy",
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "brier": "Brier score",
    "lm": "next-token cross-entropy",
}


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """What one kind of answer scores on one array under one loss."""

    array: str
    loss: Loss
    answer: str
    baseline: Baseline


@final
@dataclass(frozen=True, slots=True)
class DataFact:
    """A fact of any run on this dataset, spelled as in ``--set``, and where in the dataset it was read."""

    key: str
    value: int | float | str
    source: str


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class DataBaselines:
    """The levels of a dataset, and the facts that ``traindx check --data-baselines`` takes over."""

    path: str
    levels: tuple[Level, ...] = ()
    facts: tuple[DataFact, ...] = ()

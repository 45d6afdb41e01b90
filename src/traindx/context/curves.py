"""Keys for the series of a run, by what they mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from traindx.baselines import Ladder
from traindx.context.keys import Fact, Key
from traindx.context.roles import Role
from traindx.run import Checkpoint, Series, Source
from traindx.signals import Curve

# Correlations and shares of the variance reach 1, and are printed so; beyond it they are wrong, not in per cent.
_NEVER_PERCENT = frozenset({"r2", "pearson", "spearman", "kappa", "mcc"})
# A share printed from 0 to 1 stays below this; the odd sum in place of a mean does not make it a percentage.
_BEYOND_ONE = 1.5
_USUAL = 0.1


@final
@dataclass(frozen=True, slots=True)
class Reading:
    """A series, what it means, and its shape in brief (None where it has no finite point).

    ``series`` holds the attempt that is judged, ``whole`` all that was logged: they differ where the log holds several
    attempts one after the other.
    """

    series: Series
    role: Role
    curve: Curve | None
    whole: Series

    @property
    def held_out(self) -> bool:
        """Whether it was measured on validation or test data."""
        return self.role.split in ("val", "test")

    @property
    def in_percent(self) -> bool:
        """Whether a share is printed from 0 to 100: by its name, else because a tenth of its values lie beyond 1.5."""
        if self.role.unit in ("percent", "fraction") or self.role.kind in _NEVER_PERCENT:
            return self.role.unit == "percent"
        values = self.series.values
        beyond = np.count_nonzero((values > _BEYOND_ONE) & np.isfinite(values))
        return bool(beyond > _USUAL * np.count_nonzero(np.isfinite(values)))

    @property
    def full(self) -> float:
        """What a share of everything is printed as: 100 in per cent, else 1."""
        return 100.0 if self.in_percent else 1.0

    @property
    def name(self) -> str:
        """The unique name of the series."""
        return self.series.name


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A level that the judged loss may be standing at: a chance or trivial level, with how it is known.

    ``tolerance`` is how far from ``value`` a loss may lie and still count as being there (short last batches, rounding).
    ``origin`` is ``given``, ``read`` or ``inferred`` after the facts it rests on, or ``constant`` for a well-known
    constant that no fact supports. ``odds`` is the chance that a loss without any relation to it would match as well.
    """

    value: float
    formula: str
    meaning: str
    kind: str  # "chance" | "trivial"
    origin: str
    tolerance: float
    odds: float = 0.0
    split: str = ""


def global_grad_norm(readings: Sequence[Reading]) -> Reading | None:
    """Return the first gradient norm that is logged for the whole model, not for a part of it."""
    return next(
        (r for r in readings if r.role.kind == "grad_norm" and r.role.component is None and len(r.series)), None
    )


READINGS: Key[tuple[Reading, ...]] = Key("readings", "every series with its role")
LOSSES: Key[tuple[Reading, ...]] = Key("losses", "the total losses of every split")
TRAIN_LOSS: Key[Reading] = Key("train_loss", "the total training loss")
VAL_LOSS: Key[Reading] = Key("val_loss", "the total validation loss")
JUDGED_LOSS: Key[Reading] = Key("judged_loss", "the loss that is compared with theory: training, else validation")
COMPONENTS: Key[tuple[Reading, ...]] = Key("components", "the terms of the training loss")
METRICS: Key[tuple[Reading, ...]] = Key("metrics", "task metrics, such as accuracy, recall@k, mAP, WER")
MAIN_METRIC: Key[Reading] = Key("main_metric", "the metric that people would select a checkpoint by")
LEARNING_RATES: Key[tuple[Reading, ...]] = Key("learning_rates", "logged learning rates, one per parameter group")
GRAD_NORM: Key[Reading] = Key("grad_norm", "the logged global gradient norm")
LOSS_FAMILY: Key[str] = Key("loss_family", "which loss it is: cross_entropy, info_nce, mse, ...")
LADDER: Key[Ladder] = Key("ladder", "the baselines of the judged loss")
REFERENCES: Key[tuple[Reference, ...]] = Key(
    "references", "chance and trivial levels that the judged loss may stand at"
)
VAL_REFERENCES: Key[tuple[Reference, ...]] = Key("val_references", "the same levels for the validation set")
TASKS: Key[frozenset[str]] = Key("tasks", "what kind of training it is: reinforcement, gan, diffusion, ...")
FACTS: Key[Mapping[str, Fact]] = Key("facts", "all facts by name")
SOURCES: Key[tuple[Source, ...]] = Key("sources", "the files the run was read from")
TWINS: Key[tuple[tuple[Reading, Reading], ...]] = Key("twins", "pairs of series that two logs keep under one name")
NOTES: Key[tuple[str, ...]] = Key("notes", "remarks the readers found in the log, such as overflow warnings")
CHECKPOINTS: Key[tuple[Checkpoint, ...]] = Key("checkpoints", "checkpoints found on disk beside the log")

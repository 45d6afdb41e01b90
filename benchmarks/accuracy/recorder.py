"""What a training program tells of itself: what goes into the log, and what only we know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import final

Setting = int | float | str | bool


@final
@dataclass(frozen=True, slots=True)
class Point:
    """One call of ``log``: a row of the log before it has a form."""

    step: int
    epoch: float | None
    metrics: Mapping[str, float]


@final
@dataclass(slots=True)
class Recorder:
    """Collects one run. Metric names are canonical here ("train/loss", "val/accuracy", "lr", "grad_norm"); a form renames
    them as programs of that form do ("loss", "eval_accuracy", "learning_rate").

    Programs call ``setting`` and ``log`` for what a real program would write, and ``fact``, ``guess`` and ``outcome`` for
    what only the generator knows.
    """

    points: list[Point] = field(default_factory=list)
    settings: dict[str, Setting] = field(default_factory=dict)
    facts: dict[str, Setting] = field(default_factory=dict)
    guesses: dict[str, float] = field(default_factory=dict)
    result: dict[str, float | bool] = field(default_factory=dict)

    def setting(self, **values: Setting) -> None:
        """Give hyper-parameters that a real program would print or save beside its log (``lr``, ``batch_size``, ...)."""
        self.settings.update(values)

    def log(
        self, step: int, named: Mapping[str, float] | None = None, /, *, epoch: float | None = None, **metrics: float
    ) -> None:
        """Log metrics at a step; ``named`` takes names with a slash: ``log(10, {"train/loss": 2.3}, epoch=0.5, lr=0.1)``.

        Evaluations ("val/...") may share a call with training metrics or have their own.
        """
        values = {name: float(value) for name, value in {**(named or {}), **metrics}.items()}
        self.points.append(Point(int(step), None if epoch is None else float(epoch), values))

    def fact(self, **values: Setting) -> None:
        """Tell a truth for the label that is not written to the log (``num_classes``, ``target_std``, ...)."""
        self.facts.update(values)

    def guess(self, levels: Mapping[str, float]) -> None:
        """Tell, per canonical metric, the level of the best constant prediction: ``{"val/loss": 2.3026, "val/accuracy": 0.1}``."""
        self.guesses.update(levels)

    def outcome(self, value: float, *, trivial: float, higher: bool = False) -> None:
        """Tell how good the trained model truly is: measured by us on clean held-out data, whatever the log says.

        ``trivial`` is the same measure of a constant prediction; ``higher`` says that more is better.
        """
        self.result.update(value=float(value), trivial=float(trivial), higher=higher)

"""The value types of theory: one predicted value, and a ladder of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, final

Rung = Literal["floor", "typical", "trivial", "chance", "initial"]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """A value that theory predicts for a loss or metric.

    ``rung`` places it: ``floor`` is the best that can be reached, ``trivial`` the best constant predictor,
    ``chance`` a predictor without information, ``initial`` the value of a fresh network, ``typical`` what
    published runs reach. ``value`` is in ``unit``; ``formula`` shows the numbers put in (``"ln 256"``);
    ``conditions`` says when it holds; ``source`` says where it comes from.
    """

    rung: Rung
    value: float
    unit: str
    formula: str
    meaning: str
    source: str
    conditions: str = ""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """The baselines of one loss or metric under stated facts, and which way is better."""

    family: str
    rungs: tuple[Baseline, ...]
    facts: Mapping[str, float | int | str]
    higher_is_better: bool = False

    def rung(self, name: Rung) -> Baseline | None:
        """Return the first baseline on that rung, or None where theory has none."""
        return next((b for b in self.rungs if b.rung == name), None)

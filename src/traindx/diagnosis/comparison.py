"""What two runs, or two groups of runs, have in common and where they differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, final

Alignment = Literal["step", "epoch", "samples", "tokens", "time"]
Outcome = Literal["better", "worse", "tied", "unclear", "not comparable"]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One quantity in both runs, at the last place that both reached.

    ``low`` to ``high`` holds the difference (after - before) at 95 %, by the method that ``by`` names; None where it cannot be told.
    ``outcome`` speaks of the second run. ``skill`` is 0 at a constant answer and 1 at the floor, None where no baseline is
    known. ``parts_at`` is the place from which on the curves differ for good. ``note`` says why two numbers are not comparable.
    """

    quantity: str
    before: float
    after: float
    difference: float
    outcome: Outcome
    low: float | None = None
    high: float | None = None
    by: str = ""
    skill_before: float | None = None
    skill_after: float | None = None
    parts_at: float | None = None
    note: str = ""


@final
@dataclass(frozen=True, slots=True)
class Changed:
    """A setting that differs, the likelier reasons of a difference first; "" where a run does not have it."""

    name: str
    before: str
    after: str


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The second run (or group) against the first.

    ``verdict`` is one sentence; ``attribution`` says whether the difference can be put down to a setting. ``at`` is the place of the comparison in
    units of ``axis``. ``limits`` say what the numbers leave open.
    """

    before: str
    after: str
    axis: Alignment
    at: float
    verdict: str
    attribution: str
    differences: tuple[Difference, ...] = ()
    changed: tuple[Changed, ...] = ()
    limits: tuple[str, ...] = ()

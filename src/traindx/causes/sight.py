"""What the features of a run look at: its main series in brief, and the levels of theory, each worked out once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

import numpy as np

from traindx.context import (
    FACTS,
    GRAD_NORM,
    LADDER,
    LEARNING_RATES,
    LOSS_FAMILY,
    MAIN_METRIC,
    READINGS,
    REFERENCES,
    TASKS,
    TRAIN_LOSS,
    VAL_LOSS,
    Case,
    Fact,
    Reading,
)
from traindx.run import Floats
from traindx.signals import Curve, block_medians

# Shapes are told from so many medians, taken over so many points at most: the work is the same for a run of any length.
_BRIEF = 400
_LOOKED_AT = 12_000
_NAN = float("nan")


@final
@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """A series in brief.

    ``brief`` are medians of at most about 400 equal stretches of its finite points, in order; ``first_bad`` is the index of the first
    point that is not finite, -1 where all are.
    """

    reading: Reading
    curve: Curve
    brief: Floats
    first_bad: int

    @property
    def values(self) -> Floats:
        """All points, as logged."""
        return self.reading.series.values

    @property
    def start(self) -> float:
        """The first finite point."""
        return float(self.brief[0])

    @property
    def end(self) -> float:
        """The level at the end."""
        return self.curve.end.value


def trace_of(reading: Reading | None) -> Trace | None:
    """Return the trace of a reading; None where there is none, or no finite point."""
    if reading is None or reading.curve is None:
        return None
    values = reading.series.values
    good = np.isfinite(values)
    bad = -1 if bool(good.all()) else int(np.argmin(good))
    finite = values if bad < 0 else values[good]
    brief, _ = block_medians(finite[:: 1 + len(finite) // _LOOKED_AT], _BRIEF)
    return Trace(reading, reading.curve, brief, bad)


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sight:
    """A case as the features see it. Levels of theory are NaN where they are not known."""

    readings: tuple[Reading, ...]
    tasks: frozenset[str]
    family: str
    facts: Mapping[str, Fact]
    train: Trace | None
    val: Trace | None
    metric: Trace | None
    rate: Trace | None
    gradient: Trace | None
    chance: float
    trivial: float
    floor: float

    def number(self, fact: str) -> float:
        """Return a fact as a number; NaN where it is not known or is none."""
        known = self.facts.get(fact)
        return float(known.value) if known is not None and isinstance(known.value, int | float) else _NAN

    def word(self, fact: str) -> str:
        """Return a fact as lower-case text; "" where it is not known."""
        known = self.facts.get(fact)
        return str(known.value).lower() if known is not None else ""

    def first(self, *kinds: str, split: str | None = None, component: str | None = None) -> Trace | None:
        """Return the first series of a kind, of a split ("train" includes those that name none) and of a loss term."""
        found = (
            r
            for r in self.readings
            if r.role.kind in kinds
            and (split is None or (r.role.split or "train") == split)
            and (component is None or component in (r.role.component, r.role.family))
        )
        return trace_of(next((r for r in found if r.curve is not None), None))


def sight_of(case: Case) -> Sight:
    """Return what there is to see of a case."""
    ladder, rates = case.get(LADDER), case.get(LEARNING_RATES) or ()
    levels = {ref.kind: ref.value for ref in reversed(case.get(REFERENCES) or ()) if ref.origin != "constant"}
    floor = ladder.rung("floor") if ladder is not None else None
    trivial = levels.get("trivial", levels.get("chance", _NAN))
    return Sight(
        readings=case[READINGS],
        tasks=case.get(TASKS) or frozenset(),
        family=case.get(LOSS_FAMILY) or "",
        facts=case.get(FACTS) or {},
        train=trace_of(case.get(TRAIN_LOSS)),
        val=trace_of(case.get(VAL_LOSS)),
        metric=trace_of(case.get(MAIN_METRIC)),
        rate=trace_of(rates[0] if rates else None),
        gradient=trace_of(case.get(GRAD_NORM)),
        chance=levels.get("chance", _NAN),
        trivial=trivial if trivial == trivial else _trivial_by_r2(case),
        floor=floor.value if floor is not None else 0.0,
    )


def _trivial_by_r2(case: Case) -> float:
    """The squared error of the mean, from the share of variance explained beside the error: r² = 1 - error / variance."""
    loss, known = case.get(VAL_LOSS) or case.get(TRAIN_LOSS), case[READINGS]
    share = next((r.curve for r in known if r.role.kind == "r2" and r.curve is not None), None)
    if loss is None or loss.curve is None or share is None or case.get(LOSS_FAMILY) not in (None, "mse"):
        return _NAN
    return loss.curve.end.value / (1 - share.end.value) if share.end.value < 0.98 else _NAN

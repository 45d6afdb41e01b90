"""The axis of a forecast: which share of the run stands behind each point, and where the plan ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, final

import numpy as np

from traindx.context import Fact
from traindx.diagnosis import Known
from traindx.run import Floats, Series

Axis = Literal["step", "epoch"]


@final
@dataclass(frozen=True, slots=True)
class Plan:
    """Where the run ends: ``end`` on ``axis``, None where nobody says; ``origin`` tells how it is known."""

    axis: Axis
    end: float | None
    origin: Known = ""

    def places(self, series: Series) -> Floats:
        """The places of the points of a series on the axis; NaN where it has none. Epochs counted from zero are done one later."""
        return series.steps if self.axis == "step" else _epochs_done(series)


def plan_of(series: Series, facts: Mapping[str, Fact], until: float | None = None, unit: Axis | None = None) -> Plan:
    """Return the plan for a series: what ``until`` says, else the planned steps, else the planned epochs.

    A plan that the log has passed by over 2 % was another one (steps that count samples, a run that was prolonged): it is not believed.
    """
    axes: list[tuple[Axis, float | None, Known]] = [
        ("step", *_steps(facts)),
        ("epoch", *_number(facts, "total_epochs")),
    ]
    if until is not None:
        axis: Axis = unit or ("step" if series.has_steps else "epoch")
        return Plan(axis, until, "given")
    for axis, end, origin in axes:
        plan = Plan(axis, end, origin)
        last = _last(plan.places(series)) if axis == "epoch" or series.has_steps else None
        if end is not None and last is not None and 0 < last <= 1.02 * end:
            return plan
    return Plan("step" if series.has_steps or _last(_epochs_done(series)) is None else "epoch", None)


def _number(facts: Mapping[str, Fact], key: str) -> tuple[float | None, Known]:
    fact = facts.get(key)
    if fact is None or isinstance(fact.value, str | bool) or not fact.value > 0:
        return None, ""
    return float(fact.value), fact.origin


def _steps(facts: Mapping[str, Fact]) -> tuple[float | None, Known]:
    """The planned steps, or those of the planned epochs."""
    total, origin = _number(facts, "total_steps")
    epochs, _ = _number(facts, "total_epochs")
    each, _ = _number(facts, "steps_per_epoch")
    if total is None and epochs is not None and each is not None:
        return epochs * each, "inferred"
    return total, origin


def _last(places: Floats) -> float | None:
    known = places[np.isfinite(places)]
    return float(known.max()) if len(known) else None


def _epochs_done(series: Series) -> Floats:
    known = series.epochs[np.isfinite(series.epochs)]
    whole = len(known) > 0 and bool((known == np.floor(known)).all()) and float(known.min()) == 0
    return series.epochs + 1.0 if whole else series.epochs

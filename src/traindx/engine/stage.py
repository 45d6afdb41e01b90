"""How far the run has come."""

from __future__ import annotations

import numpy as np

from traindx.context import FACTS, JUDGED_LOSS, LEARNING_RATES, Case
from traindx.diagnosis import Stage
from traindx.run import Floats
from traindx.signals import trend


def stage_of(case: Case) -> Stage:
    """Return the stage, from the planned length where it is known, else from the learning rate and the curve."""
    if JUDGED_LOSS not in case or case[JUDGED_LOSS].curve is None:
        return "unknown"
    share = _share_done(case)
    if share is not None:
        return "start" if share < 0.02 else "early" if share < 0.25 else "middle" if share < 0.75 else "late"
    series = case[JUDGED_LOSS].series.finite()
    if len(series) < 5:
        return "start" if len(series) < 3 else "unknown"
    if _decayed(case):
        return "late"
    if len(series) >= 30:
        last = trend(series.values[2 * len(series) // 3 :])
        if abs(last.z) < 2 and not _in_first_epoch(case):
            return "converged"
    return "unknown"


def _share_done(case: Case) -> float | None:
    series, facts = case[JUDGED_LOSS].series, case[FACTS]
    for key, axis in (("total_steps", series.steps), ("total_epochs", series.epochs)):
        fact = facts.get(key)
        known = axis[np.isfinite(axis)] if key == "total_epochs" or series.has_steps else np.empty(0)
        if fact is not None and isinstance(fact.value, int | float) and fact.value > 0 and len(known):
            return float(np.max(known)) / float(fact.value)
    return None


def planned_end(case: Case) -> str:
    """What was planned and is over ("100 epochs"), or "" where the plan is unknown or not yet fulfilled.

    The last row logged stands up to one interval before the end; epochs may count from zero.
    """
    if JUDGED_LOSS not in case:
        return ""
    series, facts = case[JUDGED_LOSS].series, case[FACTS]
    for key, axis in (("total_epochs", series.epochs), ("total_steps", series.steps)):
        fact = facts.get(key)
        known = axis[np.isfinite(axis)] if key == "total_epochs" or series.has_steps else np.empty(0)
        if fact is None or not isinstance(fact.value, int | float) or not fact.value > 0:
            continue
        if key == "total_epochs" and not len(known) and _counts_up_to(series.steps, float(fact.value)):
            return f"{fact.value:g} epochs"
        if len(known) < 3:
            continue
        interval = float(np.median(np.abs(np.diff(known)))) or 1.0
        whole = key == "total_epochs" and bool((known == np.floor(known)).all())
        first = 1.0 if whole and float(known.min()) == 0 else 0.0
        if float(known.max()) + (first if whole else interval) >= float(fact.value):
            return f"{fact.value:g} {key.removeprefix('total_')}"
    return ""


def _in_first_epoch(case: Case) -> bool:
    """Whether the log counts epochs and has not seen the first one through: standing still there is no convergence."""
    epochs = case[JUDGED_LOSS].series.epochs
    known = epochs[np.isfinite(epochs)]
    return len(known) > 1 and float(known.max()) < 1.0


def _counts_up_to(steps: Floats, total: float) -> bool:
    """Whether steps count one by one up to exactly ``total`` (from one, or from zero up to one less): epochs by another name."""
    unlike = np.unique(steps[np.isfinite(steps)])
    last = total if len(unlike) and unlike[0] == 1 else total - 1
    return len(unlike) >= 3 and unlike[0] in (0, 1) and bool((np.diff(unlike) == 1).all()) and float(unlike[-1]) == last


def _decayed(case: Case) -> bool:
    """Whether the learning rate has fallen below a twentieth of its peak."""
    rates = [r.series.finite().values for r in case.get(LEARNING_RATES) or ()]
    return any(len(v) >= 5 and v.max() > 0 and v[-1] < 0.05 * v.max() for v in rates)

"""Where a loss stands late in its run, against guessing: the last third tells it, whatever came before."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from traindx.context import FACTS, LEARNING_RATES, LOSSES, METRICS, Case, Reading, Reference
from traindx.rules.evidence import come_far, decayed
from traindx.run import Floats
from traindx.signals import trend

# Three rows make a third that is no accident.
_FEWEST = 9
# A tenth and half a nat above guessing a run is worse than knowing nothing, which other rules tell (DIV001, BAS003).
_ABOVE = (1.1, 0.5)
_FALLING = -3.0
# A learning rate under a twentieth of its peak moves nothing any more.
_DECAYED = 0.05
# Shares of right answers among all candidates.
_RIGHT = frozenset({"accuracy", "token_accuracy", "balanced_accuracy", "recall_at_k", "hit_rate", "mrr", "f1", "map"})
# A fifth of all answers more than guessing gives is no class frequency and no luck.
_KNOWS = 0.2


def late_levels(reading: Reading) -> Floats:
    """The last third of the levels of a reading; empty where there are under nine."""
    curve = reading.curve
    levels = curve.levels if curve is not None else np.empty(0)
    return levels[-(len(levels) // 3) :] if len(levels) >= _FEWEST else np.empty(0)


def ends_no_better(reading: Reading, ref: Reference) -> bool:
    """Whether the last third of a run that has come far is no better than a level, and no longer gets better."""
    late = late_levels(reading)
    if not len(late) or not come_far(reading) or still_falling(reading):
        return False
    highest = max(_ABOVE[0] * ref.value, ref.value + _ABOVE[1])
    return ref.value - ref.tolerance <= float(np.median(late)) <= highest and float(np.median(late[-3:])) <= highest


def answers_known(case: Case, ref: Reference) -> bool:
    """Whether a share of right answers is so far above guessing that the level of the loss must have another reason.

    Sums of several terms, and softmaxes that are taken twice or without a temperature, stand near the level and learn.
    """
    guessing = float(np.exp(-min(max(ref.value, 0.0), 700.0)))
    shares = [r for r in case.get(METRICS) or () if r.role.kind in _RIGHT and r.curve is not None]
    return any(r.curve is not None and r.curve.end.value / r.full > guessing + _KNOWS for r in shares[:50])


def hardly_below(case: Case, reading: Reading, ref: Reference, share: float) -> bool:
    """Whether a loss ends less than a share of a level below it, beyond its noise, and no validation loss did better."""
    curve, late = reading.curve, late_levels(reading)
    if curve is None or not curve.end.value > (1 - share) * ref.value:
        return False
    if len(late):
        error = 1.2533 * float(np.std(late)) / np.sqrt(len(late))
        if not float(np.median(late)) > (1 - share) * ref.value or not error < 0.5 * share * ref.value:
            return False
    return not any(
        r.held_out and r.curve is not None and r.curve.best.value < (1 - share) * ref.value
        for r in case.get(LOSSES) or ()
    )


def still_falling(reading: Reading) -> bool:
    """Whether the last two thirds of a loss fall by more than their noise."""
    curve = reading.curve
    if curve is None or len(curve.levels) < _FEWEST:
        return True
    return trend(curve.levels[len(curve.levels) // 3 :]).z < _FALLING


def soon_below(reading: Reading, value: float) -> bool:
    """Whether a falling loss, at the pace of its last third, is under a value within as long again."""
    curve, late = reading.curve, late_levels(reading)
    if curve is None or len(late) < 4 or not still_falling(reading):
        return False
    pace = trend(late)
    return pace.z < _FALLING and curve.end.value + pace.change < value


def at_its_end(case: Case, reading: Reading) -> str:
    """What tells that no more is to come: the plan is fulfilled or, where none is known, the learning rate has decayed; else "".

    The last row logged stands up to one interval before the end; epochs may count from zero.
    """
    shares = _shares_done(case, reading)
    if shares:
        return "the planned length is reached" if max(shares) >= 1 else ""
    rates = case.get(LEARNING_RATES) or ()
    return "the learning rate has decayed" if decayed(rates, _DECAYED) else ""


def early(case: Case, reading: Reading) -> bool:
    """Whether less than a quarter of what was planned is done."""
    shares = _shares_done(case, reading)
    return bool(shares) and max(shares) < 0.25


def _shares_done(case: Case, reading: Reading) -> Sequence[float]:
    """How much of each known plan is done, the last row's interval included; empty where no plan is known."""
    facts, series = case.get(FACTS) or {}, reading.series
    found: list[float] = []
    for key, axis in (
        ("total_steps", series.steps if series.has_steps else np.empty(0)),
        ("total_epochs", series.epochs),
    ):
        fact, known = facts.get(key), axis[np.isfinite(axis)]
        if fact is None or not isinstance(fact.value, int | float) or not fact.value > 0 or len(known) < 3:
            continue
        interval = float(np.median(np.abs(np.diff(known)))) or 1.0
        found.append((float(known.max()) + interval) / float(fact.value))
    return found

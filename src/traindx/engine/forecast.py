"""The future of a run: which curve is carried on, under which schedule, and when not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, final

import numpy as np

from traindx.context import (
    FACTS,
    GAMES,
    JUDGED_LOSS,
    LADDER,
    LEARNING_RATES,
    READINGS,
    VAL_LOSS,
    Case,
    Reading,
    has_task,
)
from traindx.diagnosis import Branch, Finding, Known, Outlook, Reach, Severity
from traindx.engine.forecast_words import REFUSALS, advised, at_its_end, both_ways, without_end
from traindx.engine.time_left import with_time_left
from traindx.engine.timeline import Axis, Plan, plan_of
from traindx.forecast import (
    FEWEST,
    Family,
    Forecast,
    Identified,
    arrival,
    decide,
    extrapolate,
    family_of,
    identify,
    infer_end,
    made,
    worthwhile,
)
from traindx.run import Floats

_DONE: Final = 0.985  # the level of the last 4 % is being measured already
_DECAYED: Final = 0.2  # below this share of its peak a rate must rise again before more steps pay
_FRACTIONS: Final = frozenset(
    {"accuracy", "recall_at_k", "precision", "f1", "auc", "map", "iou", "dice", "mrr", "bleu"}
)
_ONWARD: Final = 1.5  # without a plan: half as much again at the present learning rate


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What somebody asks of the future: of which series, until where, under which schedule, when a target is reached."""

    metric: str | None = None
    until: float | None = None
    unit: Axis | None = None
    schedule: str | None = None
    target: float | None = None


def outlook_of(case: Case, findings: Sequence[Finding], question: Question | None = None) -> Outlook | None:
    """Return the future of the validation loss, else of the judged loss; None where there is no curve to speak of."""
    asked = question or Question()
    reading = _reading(case, asked)
    if reading is None or (question is None and len(reading.series) < FEWEST):
        return None
    plan = plan_of(reading.series, case[FACTS], asked.until, asked.unit)
    known = plan.places(reading.series)
    known = known[np.isfinite(known)]
    blank = Outlook(
        series=reading.name,
        schedule="unknown",
        axis=plan.axis,
        now=reading.curve.end.value if reading.curve is not None else float("nan"),
        now_at=float(known.max()) if len(known) else float("nan"),
        end_at=plan.end,
        end_from=plan.origin,
    )
    reason = _unfit(case, reading, findings)
    if reason:
        return replace(blank, text=reason)
    if not len(known):
        return replace(blank, text=REFUSALS["no places"])
    return _foretold(case, reading, plan, asked, blank)


def _reading(case: Case, asked: Question) -> Reading | None:
    if asked.metric is not None:
        named = [r for r in case[READINGS] if asked.metric in (r.name, r.series.logged_as)]
        return named[0] if named else None
    val = case.get(VAL_LOSS)
    return val if val is not None and len(val.series) >= FEWEST else case.get(JUDGED_LOSS)


def _unfit(case: Case, reading: Reading, findings: Sequence[Finding]) -> str:
    """Why a run of this state has no future worth telling: "" where it has one."""
    if has_task(case, GAMES):
        return REFUSALS["playing"]
    broken = next((f for f in findings if f.severity is Severity.ERROR), None)
    if broken is not None:
        return f"mend the run first: {broken.headline}"
    doubtful = next((f for f in findings if f.undermines and f.severity is not Severity.INFO), None)
    if doubtful is not None:
        return f"mend the log first: {doubtful.headline}"
    if any(f.condition == "at_chance" and f.severity is not Severity.INFO for f in findings):
        return REFUSALS["nothing learnt"]
    overfit = next((f for f in findings if f.condition == "overfit" and f.severity is not Severity.INFO), None)
    if overfit is not None and reading.held_out:
        return f"it is past its best, and more of the same makes it worse: {overfit.headline}"
    return "" if reading.role.direction is not None else REFUSALS["no direction"]


def _foretold(case: Case, reading: Reading, plan: Plan, asked: Question, blank: Outlook) -> Outlook:
    places, rates = _rates(case, plan)
    if plan.end is None:
        end = infer_end(places, rates) if len(rates) else None
        if end is None or end < blank.now_at:
            return _open_ended(case, reading, plan, blank, rates)
        plan = Plan(plan.axis, end, "inferred")
        blank = replace(blank, end_at=float(round(end)) if plan.axis == "step" else end, end_from="inferred")
    assert plan.end is not None
    told = _told(case, asked)
    identified = identify(places / plan.end, rates, told=told)
    timed = with_time_left(case, reading, plan, blank)
    if identified is None:
        return _either(reading, plan, timed, logged=len(rates) > 0)
    found = _carried(reading, plan, identified)
    if isinstance(found, str):
        return replace(timed, schedule=identified.schedule.family, text=REFUSALS[found])
    timed = replace(timed, schedule=identified.schedule.family, schedule_from=_origin(case, asked, told))
    branches = _branches(reading, plan, identified, found) if identified.open_ended else ()
    return _told_outlook(case, reading, plan, asked, replace(timed, branches=branches), found)


def _told(case: Case, asked: Question) -> Family:
    fact = case[FACTS].get("schedule")
    return family_of(asked.schedule or (str(fact.value) if fact is not None else ""))


def _origin(case: Case, asked: Question, told: Family) -> Known:
    """How the schedule is known: somebody named it, or the rates show it."""
    if told == "unknown":
        return "inferred"
    return "given" if asked.schedule else case[FACTS]["schedule"].origin


def _rates(case: Case, plan: Plan) -> tuple[Floats, Floats]:
    """Places and values of the logged learning rate of the group with the most points."""
    logged = [r.series for r in case.get(LEARNING_RATES) or ()]
    best = max(logged, key=len, default=None)
    if best is None:
        return np.empty(0), np.empty(0)
    at = plan.places(best)
    good = np.isfinite(at)
    return at[good], best.values[good]


def _carried(reading: Reading, plan: Plan, identified: Identified) -> Forecast | str:
    assert plan.end is not None
    return extrapolate(
        plan.places(reading.series) / plan.end,
        reading.series.values,
        identified.schedule,
        kind="val" if reading.held_out else "train",
        sign=_sign(reading),
        bound=_bound(reading),
    )


def _sign(reading: Reading) -> int:
    return -1 if reading.role.direction == "higher" else 1


def _bound(reading: Reading) -> float | None:
    """The best value that can be: 0 for what has never been negative and falls, 1 or 100 for a share that rises."""
    finite = reading.series.values[np.isfinite(reading.series.values)]
    if not len(finite):
        return None
    if reading.role.direction == "lower":
        return 0.0 if float(finite.min()) >= 0 else None
    top = float(finite.max())
    return (1.0 if top <= 1 else 100.0 if top <= 100 else None) if reading.role.kind in _FRACTIONS else None


def _branches(reading: Reading, plan: Plan, identified: Identified, found: Forecast) -> tuple[Branch, ...]:
    """What else rates that have not decayed so far may do: go on as they are, or descend to zero at the end."""
    others = {"it stays as it is": found}
    falling = identify(found.ahead[:0], found.ahead[:0], told="wsd")
    if identified.schedule.family == "constant" and falling is not None and found.share < 0.8:
        carried = _carried(reading, plan, falling)
        if not isinstance(carried, str):
            others["it decays over the last fifth"] = carried
    return _as_branches(others) if len(others) > 1 else ()


def _as_branches(forecasts: dict[str, Forecast]) -> tuple[Branch, ...]:
    return tuple(Branch(schedule=name, value=f.value, low=f.low, high=f.high) for name, f in forecasts.items())


def _either(reading: Reading, plan: Plan, blank: Outlook, *, logged: bool) -> Outlook:
    """Both branches, where nobody knows the schedule: the rate stays, or it decays."""
    found = {
        "the rate stays constant": _carried(reading, plan, Identified(made("constant"), 0.0)),
        "it decays as a cosine": _carried(reading, plan, Identified(made("cosine"), 0.0)),
    }
    told = {words: one for words, one in found.items() if not isinstance(one, str)}
    if len(told) < len(found):
        refusal = next(one for one in found.values() if isinstance(one, str))
        return replace(blank, text=REFUSALS[refusal])
    branches = _as_branches(told)
    return replace(blank, branches=branches, text=both_ways(branches, logged=logged))


def _told_outlook(
    case: Case, reading: Reading, plan: Plan, asked: Question, timed: Outlook, found: Forecast
) -> Outlook:
    assert plan.end is not None
    floor = _floor(case, reading)
    least = worthwhile(found.now, found.error, floor, found.now - _first(reading))
    final = float(found.schedule.rates[-1] / max(found.schedule.rates.max(), 1e-12))
    if found.share >= _DONE:
        return replace(timed, now=found.now, branches=(), advice="stop", text=at_its_end(decayed=final < _DECAYED))
    low, gain, high = found.gain
    outlook = replace(
        timed,
        now=found.now,
        value=found.value,
        low=found.low,
        high=found.high,
        gain=gain,
        gain_low=low,
        gain_high=high,
        worthwhile=least,
        advice=decide(found.gain, least),
        reach=_reach(found, plan, asked.target, _sign(reading)),
    )
    return replace(outlook, text=advised(outlook, decayed=final < _DECAYED, runs=found.runs))


def _first(reading: Reading) -> float:
    return reading.curve.start.value if reading.curve is not None else float("nan")


def _floor(case: Case, reading: Reading) -> float | None:
    ladder = case.get(LADDER)
    if ladder is None or reading.role.kind != "loss":
        return None
    return next((rung.value for rung in ladder.rungs if rung.rung == "floor"), None)


def _reach(found: Forecast, plan: Plan, target: float | None, sign: int) -> Reach | None:
    if target is None or plan.end is None:
        return None
    when, end = arrival(found, target, sign=sign), plan.end
    early, expected, late = (None if share is None else share * end for share in (when.earliest, when.expected, when.latest))  # fmt: skip
    return Reach(target=target, earliest=early, expected=expected, latest=late, reached=when.reached)


def _open_ended(case: Case, reading: Reading, plan: Plan, blank: Outlook, rates: Floats) -> Outlook:
    """Without a plan: what half as many steps again would bring at a constant rate."""
    end = _ONWARD * blank.now_at
    good = rates[np.isfinite(rates)]
    flat = not len(good) or float(np.ptp(good[len(good) // 2 :])) <= 0.01 * float(np.abs(good).max(initial=0.0))
    found = (
        _carried(reading, Plan(plan.axis, end), Identified(made("constant"), 0.0)) if end > 0 and flat else "no plan"
    )
    if isinstance(found, str):
        return replace(blank, text=REFUSALS["no plan" if found == "too early" else found])
    least = worthwhile(found.now, found.error, _floor(case, reading), found.now - _first(reading))
    low, gain, high = found.gain
    outlook = replace(blank, now=found.now, gain=gain, gain_low=low, gain_high=high, worthwhile=least)
    outlook = replace(outlook, schedule="constant", schedule_from="inferred" if len(good) else "assumed")
    outlook = replace(outlook, advice=decide(found.gain, least))
    return replace(outlook, text=without_end(outlook, end))

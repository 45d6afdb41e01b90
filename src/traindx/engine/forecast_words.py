"""The future in sentences: what to do, with numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from traindx.diagnosis import Branch, Outlook

REFUSALS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "few points": "under eight points tell no shape: no forecast",
        "too early": "under 8 % of the run is done: too early for a forecast",
        "nothing learnt": "it has not left its starting level: a curve that learns nothing has no end to foretell. Find out why first",
        "worsening": "it is worse than its best and getting no better: no forecast for a curve that has turned. Keep the best checkpoint",
        "unknown schedule": "no library holds runs under this schedule: no forecast",
        "playing": "the loss of this kind of training tells no progress, and its metric depends on what the policy meets: no forecast",
        "no direction": "whether more of it is better or worse is not known: no forecast; --role tells what a series means",
        "no places": "the log has neither steps nor epochs for this series: no forecast",
        "no plan": "the length of the run is not known and the learning rate is changing: --set total_steps=N tells where it ends",
    }
)


def _count(value: float) -> str:
    return f"{round(value):,}" if value >= 100 else f"{value:.3g}"


def _short(value: float) -> str:
    return f"{value:.4g}"


def _relative(outlook: Outlook, value: float) -> str:
    size = abs(outlook.now)
    return f"{100 * value / size:.2g} %" if size > 0 else _short(value)


def _gains(outlook: Outlook) -> str:
    assert outlook.gain is not None
    assert outlook.gain_low is not None
    assert outlook.gain_high is not None
    low, middle, high = (_relative(outlook, one) for one in (outlook.gain_low, outlook.gain, outlook.gain_high))
    return f"{middle} of the present level ({low} to {high})"


def _cost(outlook: Outlook) -> str:
    """What the rest of the run costs in steps or epochs."""
    assert outlook.end_at is not None
    return f"{_count(outlook.end_at - outlook.now_at)} more {outlook.axis}s"


def at_its_end(*, decayed: bool) -> str:
    """What to know where the plan is done."""
    again = (
        "going on needs a new warm-up of the learning rate"
        if decayed
        else "--until tells what more of the same would bring"
    )
    return f"the planned run is done; {again}"


def advised(outlook: Outlook, *, decayed: bool, runs: int) -> str:
    """What to do now, with the gain and its price."""
    assert outlook.worthwhile is not None
    least = _relative(outlook, outlook.worthwhile)
    head = f"the rest gains {_gains(outlook)} for {_cost(outlook)}"
    match outlook.advice:
        case "stop":
            told = f"STOP: {head}; even the most is under {least}, the least worth having"
        case "continue":
            told = f"CONTINUE: {head}; even the least is over {least}, the least worth having"
        case _ if decayed:
            told = f"PROBE: {head}; run a tenth of it and look again: the least is under {least}, the most over it"
        case _:
            told = f"PROBE: {head}; branch off a copy whose learning rate falls to zero over a tenth of the steps so far: what it gains tells what is left"
    return f"{told}. From {runs} runs of the library"


def both_ways(branches: Sequence[Branch], *, logged: bool) -> str:
    """Both ends, where the schedule is not known."""
    why = (
        "the logged learning rates follow no schedule that the library holds" if logged else "the schedule is not known"
    )
    apart = abs(branches[0].value - branches[1].value)
    return f"{why}, and the ends lie {_short(apart)} apart: --set schedule=NAME settles it"


def without_end(outlook: Outlook, end: float) -> str:
    """What half as much again would bring, where the length of the run is not known."""
    what = {"continue": "CONTINUE: ", "stop": "STOP: ", "probe": "PROBE: "}[outlook.advice]
    rate = "at the present learning rate" if outlook.schedule_from == "inferred" else "if the learning rate stays"
    more = f"half as many {outlook.axis}s again (to {_count(end)}) would gain {_gains(outlook)} {rate}"
    return f"{what}{more}. The length of the run is not known: --set total_{outlook.axis}s=N tells where it will end"

"""The time that is left of a run, at the pace that its log shows."""

from __future__ import annotations

from dataclasses import replace

from traindx.context import READINGS, Case, Reading
from traindx.diagnosis import Outlook
from traindx.engine.timeline import Plan
from traindx.forecast import Pace, pace_of, pace_of_steps


def with_time_left(case: Case, reading: Reading, plan: Plan, blank: Outlook) -> Outlook:
    """Add the time that is left, where the log has wall times or durations of steps."""
    left = max(0.0, (plan.end or 0.0) - blank.now_at)
    pace = _pace(case, reading, plan)
    if pace is None:
        return blank
    low, middle, high = pace.left(left)
    return replace(blank, seconds_left=middle, seconds_low=low, seconds_high=high, slowdown=pace.slowdown)


def _pace(case: Case, reading: Reading, plan: Plan) -> Pace | None:
    """The pace of the longest series with wall times, the forecast one first; else of logged step times."""
    clocked = [reading, *sorted(case[READINGS], key=lambda r: -len(r.series))]
    for one in clocked[:4]:
        found = pace_of(plan.places(one.series), one.series.wall_times)
        if found is not None:
            return found
    if plan.axis != "step":
        return None
    steps = [r for r in case[READINGS] if r.role.kind == "step_time" and r.role.unit in (None, "seconds")]
    return next(filter(None, (pace_of_steps(r.series.values) for r in steps)), None)

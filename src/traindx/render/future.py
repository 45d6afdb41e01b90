"""The future of a run in lines of text: the end with its interval, branches, the target, the time left, what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from traindx.diagnosis import Branch, Outlook, Reach
from traindx.render.numbers import number, percent, step

if TYPE_CHECKING:  # what draws pages is not loaded for JSON and Markdown
    from traindx.render.page import Page

Line = tuple[Literal["end", "branch", "target", "time", "advice"], str]

LABELS = {"end": "end", "branch": "or", "target": "target", "time": "left", "advice": "do"}


def future_section(page: Page, outlook: Outlook | None) -> None:
    """Add the future of a run to its page."""
    if outlook is None or not outlook.text:
        return
    page.heading("Where will it end?", outlook.series)
    for kind, line in future_lines(outlook):
        page.hang(((f"  {LABELS[kind]:<8}", "heading"),), (line, ""), indent=10)


def future_lines(outlook: Outlook) -> list[Line]:
    """Return what a forecast says, most telling first, each line with what it speaks of."""
    lines: list[Line] = []
    if outlook.value is not None and outlook.low is not None and outlook.high is not None:
        interval = f"{number(outlook.low)} to {number(outlook.high)} at {percent(outlook.coverage)}"
        lines.append(("end", f"{_end(outlook)}: {number(outlook.value)} ({interval}); now {number(outlook.now)}"))
    branches: list[Line] = [("branch", f"if {b.schedule}: {_with_interval(b)}") for b in outlook.branches]
    lines += branches
    if outlook.reach is not None:
        lines.append(("target", _reached(outlook.reach, outlook.axis)))
    if outlook.seconds_left is not None and outlook.seconds_left > 0:
        lines.append(("time", _time(outlook)))
    if outlook.text:
        lines.append(("advice", outlook.text))
    return lines


def _end(outlook: Outlook) -> str:
    assert outlook.end_at is not None
    end = f"at {outlook.axis} {step(outlook.end_at)}" + (" (inferred)" if outlook.end_from == "inferred" else "")
    return f"{end} under a {outlook.schedule} schedule"


def _reached(reach: Reach, axis: str) -> str:
    target = number(reach.target)
    if reach.reached:
        return f"{target} is reached already"
    if reach.earliest is None:
        return f"{target} is not reached within the plan"
    latest = f"{step(round(reach.latest))}" if reach.latest is not None else "not within the plan"
    expected = (
        f"about {axis} {step(round(reach.expected))}" if reach.expected is not None else "perhaps not within the plan"
    )
    return f"{target}: {expected} (earliest {step(round(reach.earliest))}, latest {latest})"


def _time(outlook: Outlook) -> str:
    assert outlook.seconds_left is not None
    low, high = outlook.seconds_low, outlook.seconds_high
    told = duration(outlook.seconds_left)
    if low is not None and high is not None:
        told += f" ({duration(low)} to {duration(high)})"
    if outlook.slowdown is not None and outlook.slowdown != 1.0:
        told += f"; a step takes {outlook.slowdown:.2g} times as long as at first"
    return told


def duration(seconds: float) -> str:
    """Return a duration in the two largest units that say it.

    >>> duration(42), duration(3700), duration(200000)
    ('42 s', '1 h 2 min', '2 d 7 h')
    """
    if seconds < 120:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    return f"{hours // 24} d {hours % 24} h"


def _with_interval(branch: Branch) -> str:
    return f"{number(branch.value)} ({number(branch.low)} to {number(branch.high)})"

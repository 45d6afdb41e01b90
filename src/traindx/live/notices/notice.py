"""What is told: one short text for all changes of state that came together, cleaned of what a log may hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, final

from traindx.diagnosis import Severity
from traindx.live.changes import Change
from traindx.live.stopping import StopDecision
from traindx.render import clean, shorten

Level = Literal["info", "warning", "error"]
LEVELS: Final[tuple[Level, ...]] = ("info", "warning", "error")
_LEVEL_OF: Final[dict[Severity, Level]] = {
    Severity.INFO: "info",
    Severity.WARNING: "warning",
    Severity.ERROR: "error",
}
# The strictest of the services takes 2,000 characters; half of it is more than anyone reads on a telephone.
_MOST_LINES: Final = 8
_LONGEST_LINE: Final = 240
_LONGEST_NAME: Final = 80


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One message: a ``title`` of one line, a ``text`` of a few, both safe to show anywhere.

    ``codes`` are those of the findings that it tells of, ``step`` the last step of the run when it was written.
    """

    title: str
    text: str
    level: Level = "warning"
    run: str = ""
    step: float | None = None
    codes: tuple[str, ...] = ()


def level_of(change: Change) -> Level:
    """Return how much a change matters: as much as its finding, and a remark where it cleared."""
    return "info" if change.state == "cleared" else _LEVEL_OF[change.finding.severity]


def graver(one: Level, other: Level) -> bool:
    """Whether ``one`` is graver than ``other``."""
    return LEVELS.index(one) > LEVELS.index(other)


def gravest(levels: Iterable[Level]) -> Level:
    """Return the gravest of some levels; a remark where there are none."""
    return max((*levels, LEVELS[0]), key=LEVELS.index)


def notice_of(changes: Sequence[Change], *, run: str = "", stop: StopDecision | None = None, link: str = "") -> Notice:
    """Return one notice of all ``changes``, the gravest first, and of the decision to stop where there is one."""
    ordered = sorted(changes, key=lambda change: -LEVELS.index(level_of(change)))
    level = gravest(map(level_of, ordered))
    steps = [change.step for change in ordered if change.step is not None]
    steps += [stop.step] if stop is not None and stop.step is not None else []
    step = max(steps, default=None)
    name = shorten(run, _LONGEST_NAME)
    lines = [_line(change) for change in ordered[:_MOST_LINES]]
    if len(ordered) > _MOST_LINES:
        lines.append(f"and {len(ordered) - _MOST_LINES} more")
    if stop is not None:
        level = "error" if level == "error" else "warning"
        lines.insert(0, _cut(f"stopped: {stop.reason}"))
    at = f" at step {step:,.0f}" if step is not None else ""
    return Notice(
        title=f"{name or 'training'}: {_headline(ordered, stop)}{at}",
        text="\n".join([*lines, *([_cut(link)] if link else [])]),
        level=level,
        run=name,
        step=step,
        codes=tuple(dict.fromkeys(change.finding.code for change in ordered)),
    )


def _headline(changes: Iterable[Change], stop: StopDecision | None) -> str:
    counted = {"appeared": 0, "worse": 0, "cleared": 0}
    for change in changes:
        counted[change.state] += 1
    words = {"appeared": "found", "worse": "worse", "cleared": "cleared"}
    told = ", ".join(f"{count} {words[state]}" for state, count in counted.items() if count)
    return ", ".join(filter(None, ("stopped" if stop is not None else "", told))) or "note"


def _line(change: Change) -> str:
    finding = change.finding
    return _cut(f"{change.state}: {finding.code} {finding.headline}")


def _cut(text: str) -> str:
    plain = clean(text)
    return plain if len(plain) <= _LONGEST_LINE else plain[: _LONGEST_LINE - 1] + "…"

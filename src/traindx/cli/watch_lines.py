"""Watching in lines: one for each change, and now and then a sign of life. For dumb terminals, logs and screen readers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, final

from traindx.cli.check import verdict_code
from traindx.cli.request import Request
from traindx.cli.streams import write_text
from traindx.cli.watching import Rhythm, Watching
from traindx.diagnosis import Report
from traindx.live import News, Observation, Observer
from traindx.render import Look, action_line, change_line, duration, note_line, pulse_line, verdict_line

_SETTLED_S: Final = 10.0  # without growth, after which what waited to be confirmed is told
_COME_AND_GONE: Final = 2  # exit code where there was nothing to read


@final
@dataclass(slots=True)
class Teller:
    """Turns observations into lines. ``lead`` is what each line begins with."""

    look: Look
    lead: Callable[[], str]
    _problem: str = ""
    _several: bool = field(default=False)

    def lines(self, seen: Observation) -> Iterator[str]:
        """Yield the lines for what is new in an observation."""
        problem = str(seen.problem) if seen.problem else ""
        if problem != self._problem:
            self._problem = problem
            yield note_line(problem or "there is a log to read now", self.look, self.lead())
        for news in seen.news:
            yield from self._news(news)

    def _news(self, news: News) -> Iterator[str]:
        if news.verdict_changed:
            yield verdict_line(news.report, self.look, self.lead())
            if news.report.verdict.state in ("failing", "attention"):
                yield action_line(news.report, self.look, self.lead())
        for change in news.changes:
            yield change_line(change.state, change.finding, change.step, self.look, self.lead())

    def pulse(self, report: Report, idle_s: float) -> str:
        """Return a sign of life, which says how long nothing has come."""
        note = f"nothing new for {duration(idle_s)}" if idle_s >= _SETTLED_S else ""
        return pulse_line(report, self.look, self.lead(), note=note)


def clock_lead() -> str:
    """Return the time of day, as it stands before each line."""
    return time.strftime("%H:%M:%S ")


def watch_in_lines(
    observer: Observer,
    request: Request,
    told: Watching,
    look: Look,
    *,
    write: Callable[[str], None] = write_text,
    sleep: Callable[[float], object] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> int:
    """Watch until the run is over, where that is asked for, else without end; return the exit code."""
    teller = Teller(look, clock_lead)
    rhythm = Rhythm(told, observer, clock)
    last_pulse, settled = clock(), True
    seen = _look(observer, teller, write, asked=True, last=told.once)
    while not told.once:
        if seen.grew:
            rhythm.grown()
            settled = False
        if told.until_done and rhythm.is_done(seen):
            seen = _look(observer, teller, write, last=True)
            break
        if seen.reports and told.pulse_s and clock() - last_pulse >= told.pulse_s:
            last_pulse = clock()
            write(teller.pulse(seen.reports[seen.gravest], rhythm.idle_s()))
        _ = sleep(told.interval_s)
        settles = not settled and rhythm.idle_s() >= _SETTLED_S
        settled = settled or settles
        seen = _look(observer, teller, write, asked=settles)
    return _COME_AND_GONE if seen.problem else verdict_code(list(seen.reports), request)


def _look(
    observer: Observer, teller: Teller, write: Callable[[str], None], *, asked: bool = False, last: bool = False
) -> Observation:
    seen = observer.look(asked=asked, last=last)
    for line in teller.lines(seen):
        write(line)
    return seen

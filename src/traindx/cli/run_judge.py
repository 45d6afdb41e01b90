"""Judging beside a program, in a process of its own: what is started by ``traindx run``, and answers in lines of JSON."""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, final

from traindx.cli.configuration import Configuration, load
from traindx.cli.request import Request
from traindx.cli.watching import observer_of
from traindx.diagnosis import Report
from traindx.errors import TraindxError
from traindx.live import GRAVEST_FIRST, News, Notifier, Observation, Observer, StopDecision, StopPolicy
from traindx.render import Look, action_line, change_line, note_line, verdict_line

_LEAD: Final = "traindx: "
_NICENESS: Final = 10  # judging yields to training


def main() -> None:
    """Judge what the order, the first line of standard input, names, until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one who passes the output on decides when we end
    _ = os.nice(_NICENESS)
    order: dict[str, Any] = json.loads(_first_line())
    try:
        judging = Judging.of(order)
    except TraindxError as error:
        _answer(problem=error.problem, where=error.where, hint=error.hint)
        return
    _answer(ready=True)
    while not _over(float(order["interval_s"])):
        judging.look(last=False)
    judging.look(last=True)
    judging.sum_up()
    judging.notifier.close()


def _first_line() -> bytes:
    """Read one line and not a byte more, so that what follows it can be waited for."""
    line = b""
    while not line.endswith(b"\n"):
        line += os.read(0, 1) or b"\n"
    return line


def _over(wait_s: float) -> bool:
    """Wait, and return whether standard input has ended: it carries nothing else."""
    return bool(select.select([0], [], [], wait_s)[0])


def _answer(**answer: object) -> None:
    try:
        _ = os.write(1, json.dumps(answer).encode() + b"\n")
    except OSError:  # nobody listens any more
        sys.exit(0)


def _tell_warnings(look: Look) -> None:
    """Warnings reach people as everything else does: without a place in our code, and never in the middle of a line."""

    def tell(message: Warning | str, *_: object, **__: object) -> None:
        _answer(say=note_line(str(message), look, _LEAD))

    warnings.showwarning = tell


@final
@dataclass(slots=True)
class Judging:
    """The observers of one program: of what it prints, and of the paths that it writes itself."""

    observers: Sequence[Observer]
    seen: list[Observation]
    look_of: Look
    notifier: Notifier
    decided: StopDecision | None = None
    told: Report | None = None

    @staticmethod
    def of(order: dict[str, Any]) -> Judging:
        """Make sense of an order. Raises ``TraindxError`` for wrong facts, roles, codes or presets."""
        configuration = load(Path(order["config"])) if order["config"] else Configuration()
        request = Request(
            paths=tuple(order["paths"]),
            configuration=configuration,
            facts=order["facts"],
            roles=order["roles"],
            metric=order["metric"],
            select=tuple(order["select"]),
            ignore=tuple(order["ignore"]),
        )
        policy = StopPolicy.of(order["stop"])
        observers = [observer_of(request, path, policy) for path in request.paths]
        look = Look(**order["look"])
        _tell_warnings(look)
        notifier = Notifier.of(order["notify"], run=order["name"])
        return Judging(observers, [Observation() for _ in observers], look, notifier)

    def look(self, *, last: bool) -> None:
        """Look at everything once, and say what changed."""
        self.seen = [observer.look(last=last) for observer in self.observers]
        report = self.gravest()
        if report is not None and (self.told is None or self.told.verdict.state != report.verdict.state):
            self._say_verdict(report)
        for seen in self.seen:
            for news in seen.news:
                self._say_changes(news)
            if seen.decision is not None and self.decided is None and not last:
                self.decided = seen.decision
                self.notifier.stopped(seen.decision)
                _answer(stop=seen.decision.reason)

    def gravest(self) -> Report | None:
        """Return the report with the gravest verdict of all."""
        reports = [report for seen in self.seen for report in seen.reports]
        return min(reports, key=lambda report: GRAVEST_FIRST.index(report.verdict.state), default=None)

    def sum_up(self) -> None:
        """Say what is to be said at the end."""
        report = self.gravest()
        if report is not None:
            if report is not self.told:  # else the last look has just said it
                self._say_verdict(report)
            return
        problem = next((str(seen.problem) for seen in self.seen if seen.problem), "nothing was printed")
        _answer(say=note_line(f"nothing could be judged: {problem}", self.look_of, _LEAD))

    def _say_verdict(self, report: Report) -> None:
        before, self.told = self.told, report
        _answer(say=verdict_line(report, self.look_of, _LEAD))
        if report.verdict.state in ("failing", "attention"):
            action = action_line(report, self.look_of, _LEAD)
            if before is None or action != action_line(before, self.look_of, _LEAD):  # at the end it was mostly said
                _answer(say=action)

    def _say_changes(self, news: News) -> None:
        for change in news.changes:
            self.notifier.change(change)
            _answer(say=change_line(change.state, change.finding, change.step, self.look_of, _LEAD))

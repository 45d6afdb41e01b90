"""Observing a path that grows: it is followed, judged when it has grown, and what changed is told."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, final

import numpy as np

from traindx.context import resolve
from traindx.diagnosis import Report
from traindx.errors import TraindxError
from traindx.live.changes import Change, ChangeTeller
from traindx.live.following import Following
from traindx.live.guards import Trip
from traindx.live.signs import signs_of
from traindx.live.stop_policy import StopPolicy
from traindx.live.stopping import StopDecision, Stopper
from traindx.run import Run

# The share of time that judging may take: what watches must not take the machine from what trains.
JUDGING_SHARE: Final = 0.2
GRAVEST_FIRST: Final = ("failing", "attention", "inconclusive", "healthy")


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What changed in one run: its findings, and its report before, which is None at first."""

    report: Report
    before: Report | None
    changes: tuple[Change, ...]

    @property
    def verdict_changed(self) -> bool:
        """Whether the verdict is another one, or the first one."""
        return self.before is None or self.before.verdict.state != self.report.verdict.state


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What stands at a path now.

    ``runs`` and ``reports`` belong together, one by one. ``news`` holds those runs that were judged again at this look.
    ``problem`` says why there is nothing to read or to judge now; runs and reports are then the last ones that there were.
    ``decision`` is the decision to stop, once there is one.
    """

    runs: tuple[Run, ...] = ()
    reports: tuple[Report, ...] = ()
    news: tuple[News, ...] = ()
    grew: bool = False
    problem: TraindxError | None = None
    decision: StopDecision | None = None

    @property
    def gravest(self) -> int:
        """Which of the reports has the gravest verdict; 0 where there is none."""
        return gravest(self.reports)


def gravest(reports: Sequence[Report]) -> int:
    """Return the place of the report with the gravest verdict, the first of several; 0 where there is none."""
    order = [(GRAVEST_FIRST.index(report.verdict.state), at) for at, report in enumerate(reports)]
    return min(order)[1] if order else 0


@final
@dataclass(slots=True)
class _Known:
    """What is known of one run: its teller of changes, its stopper, and its last report."""

    teller: ChangeTeller
    stopper: Stopper
    report: Report | None = None


@final
@dataclass(slots=True)
class Observer:
    """Looks at a path when asked, and judges what has grown there with ``judge``, which is what ``traindx PATH`` would say.

    A judgement that takes long is made seldom: judging takes no more than ``share`` of the time.
    """

    path: str | os.PathLike[str]
    judge: Callable[[Run], Report]
    policy: StopPolicy = field(default_factory=StopPolicy)
    share: float = JUDGING_SHARE
    clock: Callable[[], float] = time.monotonic
    following: Following = field(init=False)
    _last: Observation = field(init=False, default_factory=Observation)
    _known: dict[tuple[str, int], _Known] = field(init=False, default_factory=dict[tuple[str, int], _Known])
    _judged: bool = field(init=False, default=True)
    _not_before: float = field(init=False, default=float("-inf"))

    def __post_init__(self) -> None:
        self.following = Following(self.path, clock=self.clock)

    def look(self, *, asked: bool = False, last: bool = False) -> Observation:
        """Return what stands at the path now. Never raises for what is, or is not, there.

        ``asked`` says that somebody wants to know now, ``last`` that no look follows: neither waits, and no change is held back.
        """
        try:
            found = self.following.look(now=asked or last)
        except TraindxError as error:
            self._last = _again(self._last, problem=error)
            return self._last
        self._judged = self._judged and not found.new
        now = self.clock()
        if (self._judged and not (asked or last)) or (now < self._not_before and not (asked or last)):
            self._last = Observation(
                runs=found.runs if self._judged else self._last.runs,
                reports=self._last.reports,
                grew=found.new,
                decision=self._last.decision,
            )
            return self._last
        self._judged = True
        try:
            self._last = self._observe(found.runs, grew=found.new, asked=asked, last=last)
        except TraindxError as error:  # what was asked for is not in this log, or not yet
            self._last = _again(self._last, problem=error)
        done = self.clock()
        self._not_before = done + (done - now) / self.share
        return self._last

    def forget(self) -> None:
        """Read and judge everything afresh at the next look."""
        self.following.forget()
        self._judged = False

    def _observe(self, runs: tuple[Run, ...], *, grew: bool, asked: bool, last: bool) -> Observation:
        decision = self._last.decision
        news: list[News] = []
        for key, run in _keyed(runs):
            known = self._known.setdefault(key, _Known(ChangeTeller(), Stopper(self.policy)))
            report = self.judge(run)
            changes = known.teller.tell(report, asked=asked, last=last)
            news.append(News(report=report, before=known.report, changes=changes))
            known.report = report
            if self.policy != StopPolicy():
                decision = decision or self._decide(known.stopper, run, report)
        reports = tuple(one.report for one in news)
        return Observation(runs=runs, reports=reports, news=tuple(news), grew=grew, decision=decision)

    def _decide(self, stopper: Stopper, run: Run, report: Report) -> StopDecision | None:
        tripped = filter(None, (stopper.of_trip(trip) for trip in not_finite(run)))
        signs = signs_of(run) if self.policy.looks_at_curves else None
        return next(tripped, None) or stopper.decide(report, signs)


def not_finite(run: Run) -> Iterator[Trip]:
    """Yield the losses whose last values are NaN or infinite, with how many those are."""
    for name, series in run.series.items():
        bad = ~np.isfinite(series.values)
        count = len(bad) if bool(bad.all()) else int(np.argmin(bad[::-1]))
        role = resolve(name)
        if count and role.kind == "loss":
            first, last = float(series.steps[-count]), float(series.steps[-1])
            yield Trip(name, role, first, last, float(series.values[-1]), count)


def _again(known: Observation, problem: TraindxError) -> Observation:
    return Observation(runs=known.runs, reports=known.reports, problem=problem, decision=known.decision)


def _keyed(runs: Sequence[Run]) -> Iterator[tuple[tuple[str, int], Run]]:
    """Yield each run with what tells it apart from look to look: its name, and which one of that name it is."""
    seen: dict[str, int] = {}
    for run in runs:
        seen[run.name] = seen.get(run.name, -1) + 1
        yield (run.name, seen[run.name]), run

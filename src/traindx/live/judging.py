"""Judging beside the training: in a thread of its own, seldom enough not to be felt, at once where a guard trips."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final, final

from traindx.diagnosis import Finding, Report
from traindx.live.announcing import Announcer
from traindx.live.cautions import Cautions
from traindx.live.changes import Change
from traindx.live.guards import Guards, Trip
from traindx.live.judge import Judge, Judgement
from traindx.live.pace import Pace
from traindx.live.signs import signs_of
from traindx.live.stop_files import StopFiles
from traindx.live.stop_policy import StopPolicy
from traindx.live.stopping import StopDecision, Stopper

_NOT_FINITE: Final = ("NAN001",)
_BROKEN: Final = re.compile(r"[A-Z]{3}\d{3} failed with ")  # a rule that raised, as a report's limits name it
_UNHEARD: Final = "cannot write to standard error"


@final
class Judging:
    """The judgements of one run, and what follows from them.

    ``report``, ``stop_decision`` and ``guards.bounds`` may be read at any time from any thread. ``step_now`` tells the
    last step recorded, -1 before the first. ``on_change`` and ``on_stop`` are called in the judging thread (``on_stop`` also in
    the training thread, where a guard stops the run). Nothing here raises into the training: what fails warns once, a disk only
    where ``excused`` does not say that it has been warned of.
    """

    def __init__(
        self,
        directory: Path,
        step_now: Callable[[], float],
        *,
        policy: StopPolicy | None = None,
        pace: Pace | None = None,
        announcer: Announcer | None = None,
        on_change: Callable[[Change], None] | None = None,
        on_stop: Callable[[StopDecision], None] | None = None,
        excused: Callable[[], bool] = lambda: False,
    ) -> None:
        self.report: Report | None = None
        self.stop_decision: StopDecision | None = None
        self.guards = Guards(self._alarm)
        self._judge = Judge(directory)
        self._files = StopFiles(directory)
        self._stopper = Stopper(policy or StopPolicy())
        self._pace = pace or Pace()
        self._announcer = announcer
        self._on_change, self._on_stop = on_change, on_stop
        self._step_now = step_now
        self._lock = threading.RLock()  # one judgement at a time
        self._wake = threading.Event()
        self._closed = threading.Event()
        self._trips: list[Trip] = []
        self._thread: threading.Thread | None = None
        self._process = os.getpid()
        self._cautions = Cautions(excused)
        self._ended = time.monotonic()
        self._cost = 0.0
        self._first_step: float | None = None
        self._judged_step: float | None = None
        self._announced = False
        self._hurried = 0
        self._waited = False

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was wrong at the last judgement."""
        return self.report.findings if self.report is not None else ()

    @property
    def wanted(self) -> bool:
        """Whether a guard has asked for a judgement that has not been made yet."""
        return bool(self._trips)

    def start(self) -> None:
        """Begin to judge in a thread of its own."""
        _ = self._cautions.quietly("the decision of an earlier run cannot be removed", self._files.forget_earlier)
        self._thread = threading.Thread(target=self._go, name="traindx-judge", daemon=True)
        self._thread.start()

    def judge(self, *, asked: bool = True) -> Report:
        """Judge now, in this thread. Raises ``UnreadableLogError`` where nothing was recorded yet.

        ``asked`` says that a person wants to know now; without it, changes wait to be confirmed as they do in the background.
        """
        return self._judged(asked=asked).report

    def survived(self, error: BaseException) -> None:
        """Take an error that the training loop has caught and survived; out-of-memory errors are counted by the stop policy."""
        if is_out_of_memory(error):
            decision = self._stopper.of_memory(self._step_now())
            if decision is not None:
                self._stop(decision)

    def close(self) -> None:
        """Judge for the last time, for a bounded time, and end the thread."""
        if self._closed.is_set() or os.getpid() != self._process:
            return
        self._closed.set()
        self._wake.set()
        last = threading.Thread(target=self._close, name="traindx-last-judgement", daemon=True)
        last.start()
        last.join(self._pace.closing_s)
        if last.is_alive():
            self._cautions.warn(
                "closing", f"the last judgement takes longer than {self._pace.closing_s:g} s and is not waited for"
            )

    def _close(self) -> None:
        if self._step_now() >= 0:  # else nothing was recorded, and there is nothing to judge
            _ = self._cautions.quietly("cannot judge the run at its end", partial(self._judged, last=True))

    def _go(self) -> None:
        while not self._closed.is_set():
            _ = self._wake.wait(self._pace.poll_s)
            self._wake.clear()
            if not self._closed.is_set():
                self._look()

    def _look(self) -> None:
        """See whether somebody asked for the end, and whether a judgement is due."""
        asked = self._files.asked() if self.stop_decision is None else None
        if asked is not None:
            self._stop(asked)
        step, now = self._step_now(), time.monotonic()
        if step < 0:
            return
        if self._first_step is None:
            self._first_step = step
        if self._trips:
            if now - self._ended >= self._pace.asked_factor * self._cost:
                _ = self._cautions.quietly("cannot judge the run", self._judged)
            else:
                self._judge_trips()
        elif step != self._judged_step and self._due(step, now):
            _ = self._cautions.quietly("cannot judge the run", self._judged)

    def _due(self, step: float, now: float) -> bool:
        pace = self._pace
        if self.report is None:
            since = now - self._ended  # of the failed attempt before, if there was one
            enough = step - (self._first_step or 0.0) >= pace.first_steps and since >= pace.first_s
            return pace.every_s < float("inf") and (enough or since >= pace.late_s)
        if self._hurried > 0 and pace.every_s < float("inf"):
            return now - self._ended >= max(pace.poll_s, pace.asked_factor * self._cost)
        return now - self._ended >= max(pace.every_s, pace.cost_factor * self._cost)

    def _judged(self, *, asked: bool = False, last: bool = False) -> Judgement:
        with self._lock:
            begun, step = time.thread_time(), self._step_now()
            trips = len(self._trips)
            try:
                judgement = self._judge.judge(asked=asked, last=last)
                self.guards.renew(judgement.run)
                signs = signs_of(judgement.run) if self._stopper.policy.looks_at_curves else None
            finally:
                if self.report is not None:  # the first one loads the rules: what it costs says nothing of the next
                    self._cost = time.thread_time() - begun
                self._ended = time.monotonic()
                self._judged_step = step
                del self._trips[:trips]
            self.report = judgement.report
            for broken in filter(_BROKEN.match, judgement.report.limits):
                self._cautions.warn("rule", f"{broken}; the other rules were asked")
            self._tell(judgement, last=last)
            decision = self._stopper.decide(judgement.report, signs)
            if decision is not None and not last:
                self._stop(decision)
            self._confirm(judgement.report)
            self._hurry(tripped=trips > 0)
            return judgement

    def _hurry(self, *, tripped: bool) -> None:
        """See to it that what is new is soon confirmed: a finding, a reason to stop, or what made a guard trip."""
        waits = self._judge.waits or (self._stopper.waits and self.stop_decision is None)
        fresh = tripped or (waits and not self._waited)
        self._hurried = self._pace.hurried if fresh else self._hurried - 1
        self._waited = waits

    def _judge_trips(self) -> None:
        """Until the whole run may be judged again: ask the rules about the recent values of what tripped."""
        with self._lock:
            for trip in [trip for trip in self._trips if not trip.finite and not trip.told]:
                trip.told = True
                _ = self._cautions.quietly("cannot judge recent values", partial(self._judge_piece, trip))

    def _judge_piece(self, trip: Trip) -> None:
        self._tell_changes(self._judge.judge_piece(self.guards.window(trip), _NOT_FINITE))

    def _tell(self, judgement: Judgement, *, last: bool) -> None:
        """Tell the verdict at first and at the end, and the changes that its sentence does not hold already."""
        report, first, self._announced = judgement.report, not self._announced, True
        if self._announcer is not None and first and not last:
            _ = self._cautions.quietly(_UNHEARD, partial(self._announcer.verdict, report))
        said = report.verdict.summary if first or last else ""
        self._tell_changes(judgement.changes, said)
        if self._announcer is not None and last:
            _ = self._cautions.quietly(_UNHEARD, partial(self._announcer.verdict, report))

    def _tell_changes(self, changes: tuple[Change, ...], said: str = "") -> None:
        for change in changes:
            if self._announcer is not None and change.finding.headline not in said:
                _ = self._cautions.quietly(_UNHEARD, partial(self._announcer.change, change))
            if self._on_change is not None:
                _ = self._cautions.quietly("on_change failed", partial(self._on_change, change))

    def _alarm(self, trip: Trip) -> None:
        """Take a trip of a guard, in the thread that records: decide where the policy needs no judgement, ask for one else."""
        if self.stop_decision is None:
            decision = self._stopper.of_trip(trip)
            if decision is not None:
                self._stop(decision)
        if not trip.asked:
            trip.asked = True
            self._trips.append(trip)
            self._wake.set()

    def _stop(self, decision: StopDecision) -> None:
        if self.stop_decision is not None:
            return
        self.stop_decision = decision
        _ = self._cautions.quietly("the decision to stop cannot be written", partial(self._files.tell, decision))
        if self._announcer is not None:
            _ = self._cautions.quietly(_UNHEARD, partial(self._announcer.stop, decision))
        if self._on_stop is not None:
            _ = self._cautions.quietly("on_stop failed", partial(self._on_stop, decision))

    def _confirm(self, report: Report) -> None:
        """Add to a decision that a guard's values made the finding that says the same."""
        decision = self.stop_decision
        if decision is None or decision.criterion != "not-finite" or decision.finding is not None:
            return
        found = next((f for f in report.findings if f.condition == "nan"), None)
        if found is not None:
            self.stop_decision = replace(decision, finding=found)
            _ = self._cautions.quietly(
                "the decision to stop cannot be written", partial(self._files.tell, self.stop_decision)
            )


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that a device or the machine ran out of memory, whatever framework raised it."""
    name = type(error).__name__
    return isinstance(error, MemoryError) or name == "OutOfMemoryError" or "out of memory" in str(error).lower()

"""SYS001: steps take longer and longer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import READINGS, TASKS, TRAIN_LOSS, Case, Reading, has_task
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.rule import Rule, RuleMeta
from traindx.rules.speed.pace import Pace, pace
from traindx.run import Floats

# What makes steps longer for a good reason when it grows.
_WORK = frozenset({"batch_size", "sequence_length", "completion_length", "episode_length"})


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class StepsSlowDown(Rule):
    """A step takes much longer at the end of the run than near its start.

    ## What it looks at
    The time per step (logged, from clock times, or from the throughput) in the first, middle and last third, without the
    first tenth; and the share of all time that the first pace would have saved.

    ## Why it matters
    Something grows: a list that keeps tensors and with them their graphs, a metric that is computed anew over all that was
    seen, a log file, other jobs on the machine. The run costs more than it must, and often runs out of memory later.

    ## What to try
    - Append `loss.item()`, never `loss`; reset metrics every epoch; watch the memory beside the time.

    ## When it is wrong
    Longer samples or larger batches by plan, images that grow, devices that are shared with others.
    """

    meta: ClassVar = RuleMeta(
        code="SYS001", name="steps-slow-down", since="0.1", summary="steps take longer and longer"
    )
    needs: ClassVar = (READINGS,)
    may_use: ClassVar = (TRAIN_LOSS, TASKS)
    condition: ClassVar = None

    factor: float = 1.4
    """Ordinary drift of machines stays within a fifth; four tenths have a reason."""

    material: float = 0.5
    """From half of all time lost on, the slow-down is a fault of its own."""

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak where the last third is slower than the first, and all of it."""
        if has_task(case, {"reinforcement"}) or _more_work(case[READINGS]):
            return
        found = pace(case[READINGS], case.get(TRAIN_LOSS))
        if found is None or len(found.seconds) < 12:
            return
        first, middle, last = (found.third(number) for number in range(3))
        parts = np.array_split(found.seconds, 3)
        apart = float(np.quantile(parts[2], 0.2)) > float(np.quantile(parts[0], 0.8))
        if not (last >= self.factor * first > 0 and apart and 0.9 * first <= middle <= 1.1 * last):
            return
        yield self._describe(case, found, last / first, _lost(found.seconds))

    def _describe(self, case: Case, found: Pace, factor: float, lost: float) -> Finding:
        return self.finding(
            f"a step takes {factor:.2g} times as long in the last third of the run as in the first ({found.source}); {100 * lost:.0f} % of the time went into it",
            Evidence(
                label="time per step, last third over first",
                measured=factor,
                expected=1.0,
                formula="the same work",
                span=case.span(found.series),
            ),
            severity=Severity.WARNING if lost >= self.material else Severity.INFO,
            confidence=0.8,
            why="something is kept or computed anew over all that was seen, and grows with every step",
            do=(
                "keep numbers, not tensors: loss.item(); reset metrics at every epoch",
                "profile ten steps now and ten after a restart: what differs is what grows",
            ),
            check="import gc; print(sum(torch.is_tensor(o) for o in gc.get_objects()))  # every 100 steps: it must stay",
            rank=11,
        )


def _lost(seconds: Floats) -> float:
    """The share of the time that the pace of the first tenth would have saved; single pauses are left out."""
    base = float(np.median(seconds[: max(3, len(seconds) // 10)]))
    spent = float(np.mean(np.minimum(seconds, 5 * np.median(seconds))))
    return max(0.0, 1 - base / spent)


def _more_work(readings: Sequence[Reading]) -> bool:
    """Whether batches or samples grow by a tenth or more over the run."""
    return any(
        r.role.kind in _WORK and r.curve is not None and r.curve.end.value > 1.1 * r.curve.start.value > 0
        for r in readings
    )

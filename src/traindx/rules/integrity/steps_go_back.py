"""LOG001: the step or epoch counter goes back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import LOSSES, METRICS, Case, Reading
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.rule import Rule, RuleMeta
from traindx.signals import Restart, restarts


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class StepsGoBack(Rule):
    """The step or epoch counter goes back: a restart, a resume, or several runs in one log.

    ## What it looks at
    Steps and epochs of the main loss (or of the longest series), in the order of the file.

    ## Why it matters
    After a resume without optimiser state, schedule or data position, the curve is no longer one curve; several runs in one
    log must not be averaged or fitted together.

    ## What to try
    - Write every run into a folder of its own; split this log at the places named.
    - After a resume, compare loss and learning rate just before and just after.

    ## When it is wrong
    Where rows of several processes are interleaved without a rank.
    """

    meta: ClassVar = RuleMeta(
        code="LOG001", name="steps-go-back", since="0.1", summary="the step or epoch counter goes back"
    )
    needs: ClassVar = ()
    may_use: ClassVar = (LOSSES, METRICS)
    condition: ClassVar = "restarted"

    resumed_share: float = 0.1
    """A resume from a checkpoint repeats a few steps; over a tenth of the run is another attempt."""

    def check(self, case: Case) -> Iterator[Finding]:
        candidates = [r for r in (*(case.get(LOSSES) or ()), *(case.get(METRICS) or ())) if len(r.whole) >= 3]
        if not candidates:
            return
        reading = max(candidates, key=lambda r: len(r.whole))
        found, counter = self._restarts(reading)
        if not found:
            return
        first = found[0]
        worst = max(found, key=lambda r: r.before - r.after)
        to_start = sum(r.after <= 1 + float(np.nanmin(reading.whole.steps)) for r in found)
        repeated = sum(r.before - r.after for r in found) / max(1.0, float(np.nanmax(reading.whole.steps)))
        goes_on = counter == "epoch" and _steps_go_on(reading)
        kind = (
            "while the steps go on"
            if goes_on
            else f"{to_start} of them back to the start"
            if to_start
            else "none of them to the start"
        )
        yield self.finding(
            f"the {counter} counter goes back {len(found)} time{'s' if len(found) > 1 else ''} ({kind}), first from {first.before:g} to {first.after:g}",
            Evidence(
                label=f"largest step back of the {counter} counter",
                measured=worst.after,
                expected=worst.before,
                formula=f"a {counter} after {worst.before:g}",
                span=case.span(reading.whole, max(0, worst.index - 1), worst.index),
            ),
            severity=Severity.WARNING if (to_start or repeated > self.resumed_share) and not goes_on else Severity.INFO,
            confidence=0.97,
            why="the log holds several attempts, or a resume; their points do not form one curve",
            do=(
                "judge every attempt by itself: split the log at these places",
                "after a resume, check that optimiser, schedule and data position were restored",
            ),
            check="loss and learning rate on both sides of the break: a jump means that state was lost",
            rank=55,
        )

    def _restarts(self, reading: Reading) -> tuple[tuple[Restart, ...], str]:
        series = reading.whole
        by_step: tuple[Restart, ...] = restarts(series.steps) if series.has_steps else ()
        by_epoch = restarts(series.epochs)
        return (by_epoch, "epoch") if by_epoch and (len(by_epoch) >= len(by_step)) else (by_step, "step")


def _steps_go_on(reading: Reading) -> bool:
    """Whether a step counter of the program's own (no row number) grows all through: a resume that repeats nothing."""
    series = reading.whole
    change = np.diff(series.steps)
    return series.has_steps and bool((change > 0).all()) and bool((change > 1).any())

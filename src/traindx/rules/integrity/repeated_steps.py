"""LOG002: the same steps are logged again with other values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np
from numpy.typing import NDArray

from traindx.context import LOSSES, Case, Reading
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.rule import Rule, RuleMeta
from traindx.run import Floats, Series


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatedSteps(Rule):
    """Many steps carry two or more different values of one loss.

    ## What it looks at
    Steps of a total loss that occur again without the counter having gone back in between.

    ## Why it matters
    Several processes or several sources write into one series; what looks like noise is a mixture.

    ## What to try
    - Log from rank 0 only, or reduce over ranks first; give each source its own name.

    ## When it is wrong
    Batches that carry the number of their epoch follow one another smoothly, and are not counted; where they do not (no
    running mean, a loud loss), they look like several writers. Programs that log several micro-batches per optimiser step.
    """

    meta: ClassVar = RuleMeta(
        code="LOG002", name="repeated-steps", since="0.1", summary="steps carry several different values"
    )
    needs: ClassVar = (LOSSES,)
    condition: ClassVar = "restarted"

    share: float = 0.2

    def check(self, case: Case) -> Iterator[Finding]:
        for reading in case[LOSSES]:
            repeated, first = self._repeated(reading)
            enough = repeated > self.share * len(reading.whole) and len(reading.whole) >= 10
            if enough and not _in_order(reading.whole):
                yield self.finding(
                    f"{repeated} of {len(reading.whole)} points of {reading.name} repeat the step before them with another value",
                    Evidence(
                        label="points that repeat a step",
                        measured=float(repeated),
                        expected=0.0,
                        span=case.span(reading.whole, first, -1),
                    ),
                    severity=Severity.WARNING,
                    confidence=0.85,
                    why="several writers in one series look like noise and hide any trend",
                    do=(
                        "log from one process, or under one name per process",
                        "if these are micro-batches, log their mean per step",
                    ),
                    check="as many values per step as processes or micro-batches would confirm it",
                    rank=54,
                )
                return

    def _repeated(self, reading: Reading) -> tuple[int, int]:
        series = reading.whole
        if not series.has_steps or len(series) < 2 or bool((series.steps == series.epochs).all()):
            return 0, 0
        same = (np.diff(series.steps) == 0) & (np.diff(series.values) != 0)
        if _rounded(series.steps, same):
            return 0, 0
        return int(same.sum()), int(np.argmax(same))


def _rounded(steps: Floats, same: NDArray[np.bool_]) -> bool:
    """Whether steps repeat only because they are printed with three digits: 1.02e+04 stands for 10,150 to 10,249.

    Then no number has a fourth digit, and the steps repeat only where that leaves less than the distance of the points.
    """
    if not bool(same.any()) or not bool(np.isfinite(steps).all()) or float(steps.min()) < 0:
        return False
    grain = 10.0 ** np.floor(np.log10(np.maximum(steps, 1.0)) - 2.0)
    if bool((np.abs(steps / grain - np.round(steps / grain)) > 1e-6).any()):
        return False
    apart = np.diff(steps)
    least = float(np.min(apart[apart > 0], initial=np.inf))
    return bool((grain[:-1][same] > least).all())


def _in_order(series: Series) -> bool:
    """Whether points of one step follow one another in time, as batches within an epoch do and ranks do not.

    Neighbours in a running mean or a descent are alike; the values of several ranks come in no order (correlation near 0).
    """
    gaps: Floats = np.diff(series.steps)
    same = gaps == 0
    if np.count_nonzero(same) < 0.8 * len(gaps):  # fewer than five points each: no order can be seen
        return False
    starts = np.flatnonzero(np.concatenate(([True], ~same)))
    sizes = np.diff(np.append(starts, len(series)))
    values = np.nan_to_num(series.values, nan=0.0, posinf=0.0, neginf=0.0)
    means: Floats = np.add.reduceat(values, starts) / sizes
    inside: Floats = values - np.repeat(means, sizes)
    spread = float(inside @ inside)
    return spread > 0 and float(inside[1:][same] @ inside[:-1][same]) / spread > 0.3

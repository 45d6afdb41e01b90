"""SYS007: steps get slower within every epoch, and fast again at its start."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar, final

import numpy as np

from traindx.context import READINGS, Case
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.rule import Rule, RuleMeta
from traindx.rules.speed.pace import logged
from traindx.run import Series


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SlowerWithinEpochs(Rule):
    """The time per step rises through every epoch and falls back at the next.

    ## What it looks at
    The typical step time in the first and last quarter of each epoch.

    ## Why it matters
    Something is collected during an epoch and dropped at its end: predictions, losses with their graphs, a metric that is
    computed anew at every step over all that it has seen.

    ## What to try
    - Keep running sums in place of lists; compute metrics once at the end of the epoch; detach what is kept.

    ## When it is wrong
    Samples that are sorted by length.
    """

    meta: ClassVar = RuleMeta(
        code="SYS007",
        name="slower-within-epochs",
        since="0.1",
        summary="steps get slower within every epoch and fast again at its start",
    )
    needs: ClassVar = (READINGS,)
    condition: ClassVar = None

    factor: float = 1.4
    epochs: int = 3
    points: int = 8
    """Two in each quarter at least."""

    share: float = 0.8
    most: int = 50

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak where four of five epochs end much slower than they begin."""
        series = logged(case[READINGS], "step_time")
        if series is None:
            return
        rises = self._rises(series)
        if len(rises) < self.epochs or not float(np.mean(rises >= self.factor)) >= self.share:
            return
        typical = float(np.median(rises))
        yield self.finding(
            f"{series.name} rises {typical:.2g} times within an epoch, in {int((rises >= self.factor).sum())} of {len(rises)} epochs, and falls back at the next",
            Evidence(
                label="step time, last quarter of an epoch over its first",
                measured=typical,
                expected=1.0,
                formula="the same work",
                span=case.span(series),
            ),
            severity=Severity.INFO,
            confidence=0.8,
            why="something is collected during the epoch and dropped at its end",
            do=("keep running sums instead of lists, and detach what is kept", "compute metrics once per epoch"),
            check="switch all metrics and lists off for one epoch: the times must stay level",
            rank=8,
        )

    def _rises(self, series: Series) -> np.ndarray:
        """Last over first quarter of the step times of each epoch (of fifty epochs at most)."""
        numbers = np.floor(series.epochs + 1e-9)
        edges = np.flatnonzero(np.diff(numbers) != 0) + 1
        bounds = np.concatenate(([0], edges, [len(series)]))
        places = [(int(a), int(b)) for a, b in pairwise(bounds) if b - a >= self.points]
        if not np.isfinite(numbers).all() or len(places) < 0.5 * (len(bounds) - 1):
            return np.zeros(0)
        step = max(1, len(places) // self.most)
        return np.array([_rise(series.values[a:b]) for a, b in places[::step]])


def _rise(values: np.ndarray) -> float:
    quarter = len(values) // 4
    return float(np.median(values[-quarter:]) / np.median(values[:quarter]))

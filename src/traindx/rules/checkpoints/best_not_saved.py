"""CKP001: the best weights are not on disk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import CHECKPOINTS, MAIN_METRIC, READINGS, VAL_LOSS, Case
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.checkpoints.monitored import Monitored, monitored
from traindx.rules.rule import Rule, RuleMeta
from traindx.run import Checkpoint, Floats, Series


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class BestNotSaved(Rule):
    """No checkpoint on disk lies near the best evaluation.

    ## What it looks at
    The steps or epochs in the names of the checkpoints beside the log, and what the monitored metric was at them, against
    its best.

    ## Why it matters
    Weights that were not saved, or that were deleted to make room, cannot be chosen any more; the run would have to be
    repeated up to there.

    ## What to try
    - Save whenever the monitored metric improves, and keep the best beside the last.

    ## When it is wrong
    Checkpoints that lie elsewhere (a bucket, a tracker); names that count something else.
    """

    meta: ClassVar = RuleMeta(
        code="CKP001", name="best-not-saved", since="0.1", summary="no checkpoint on disk is near the best evaluation"
    )
    needs: ClassVar = (CHECKPOINTS, READINGS)
    may_use: ClassVar = (MAIN_METRIC, VAL_LOSS)
    condition: ClassVar = None
    explained_by: ClassVar = ("LOG001", "LOG002", "LOG003")

    points: int = 4
    z: float = 4.0
    share: float = 0.1
    """A tenth of what training gained, and four standard deviations of an evaluation: less is not worth a repetition."""

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak where the best of the saved evaluations is clearly worse than the best."""
        metric = monitored(case, points=self.points)
        files = case[CHECKPOINTS]
        if metric is None or any("best" in one.path.lower().rsplit("/", 1)[-1] for one in files):
            return
        saved = _saved(files, metric.series)
        if not len(saved):
            return
        nearest = int(saved[np.argmin(metric.costs[saved])])
        cost, gained = float(metric.costs[nearest] - metric.costs[metric.best]), metric.curve.gained
        if not (gained > 0 and cost > max(self.z * metric.noise, self.share * gained)):
            return
        yield self._describe(case, metric, nearest, len(files))

    def _describe(self, case: Case, metric: Monitored, nearest: int, files: int) -> Finding:
        series, best = metric.series, metric.best
        return self.finding(
            f"{series.name} was best at step {series.steps[best]:g} ({series.values[best]:.4g}), and the best of {files} checkpoints on disk is from step {series.steps[nearest]:g} ({series.values[nearest]:.4g})",
            Evidence(
                label=f"{series.name} at the best saved checkpoint",
                measured=float(series.values[nearest]),
                expected=float(series.values[best]),
                formula=f"its best, at step {series.steps[best]:g}",
                span=case.span(series, best, best),
            ),
            severity=Severity.INFO,
            confidence=0.7,
            why="weights that are not on disk cannot be chosen any more",
            do=("save whenever the monitored metric improves, and keep that checkpoint",),
            check="list the checkpoints of this run wherever they are kept, with their steps",
            rank=10,
        )


def _saved(files: Sequence[Checkpoint], series: Series) -> np.ndarray:
    """Indices of the evaluations nearest to each checkpoint, on the axis that its name counts; empty where none fits."""
    steps, epochs = series.steps, series.epochs
    of_steps = np.array([one.step for one in files if one.step == one.step])
    of_epochs = np.array([one.epoch for one in files if one.epoch == one.epoch])
    known_epochs = bool(np.isfinite(epochs).all())
    if len(of_epochs) and known_epochs:
        return _nearest(epochs, of_epochs)
    if len(of_steps) and known_epochs and of_steps.max() <= 1.05 * float(epochs[-1]) < 0.5 * float(steps[-1]):
        return _nearest(epochs, of_steps)  # "checkpoint12.pt" beside steps in the thousands counts epochs
    return _nearest(steps, of_steps) if len(of_steps) and series.has_steps else np.zeros(0, dtype=np.intp)


def _nearest(axis: Floats, places: Floats) -> np.ndarray:
    """Indices of the points of an axis nearest to each place inside its range (with one interval to spare)."""
    if len(axis) < 2 or not bool((np.diff(axis) > 0).all()):
        return np.zeros(0, dtype=np.intp)
    spare = float(np.median(np.diff(axis)))
    inside = places[(places >= axis[0] - spare) & (places <= axis[-1] + spare)]
    right = np.clip(np.searchsorted(axis, inside), 1, len(axis) - 1)
    nearer = np.where(inside - axis[right - 1] <= axis[right] - inside, right - 1, right)
    return np.asarray(nearer, dtype=np.intp)

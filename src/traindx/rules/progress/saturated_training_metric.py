"""PRO005: nothing is left to learn from the training set, and nothing held out improves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import METRICS, Case, Reading
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.evidence import at_level, between
from traindx.rules.rule import Rule, RuleMeta

_SHARES = frozenset({"accuracy", "balanced_accuracy", "f1", "token_accuracy", "auroc"})


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SaturatedTrainingMetric(Rule):
    """The training metric stands at 100 %, and the same metric on held-out data no longer improves.

    ## What it looks at
    The last quarter of the training metric, and what the held-out metric of the same kind gained in the same part of the run.

    ## Why it matters
    A model that is right on every training example gets hardly any gradient from them: further epochs change little but the
    confidence.

    ## What to try
    - Stop, and keep the checkpoint of the best held-out value.
    - Stronger augmentation, more data, or regularisation, if the held-out value is not good enough.

    ## When it is wrong
    Small algorithmic tasks, where held-out accuracy has been seen to rise long after (grokking).
    """

    meta: ClassVar = RuleMeta(
        code="PRO005",
        name="saturated-training-metric",
        since="0.1",
        summary="training metric at 100 %, and nothing held out improves",
    )
    needs: ClassVar = (METRICS,)
    explained_by: ClassVar = ("GEN001", "BAS004")

    points: int = 8
    full: float = 0.995
    good: float = 0.97
    """Held-out values above it have nothing to gain either."""

    worth: float = 0.005
    """Half a point, about the scatter between seeds."""

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak where training is full and held-out data stands still."""
        for train in case[METRICS]:
            if train.role.kind not in _SHARES or train.held_out or not self._full(train):
                continue
            held = next((r for r in case[METRICS] if r.held_out and r.role.kind == train.role.kind and r.curve), None)
            if held is None or held.curve is None or held.curve.count < self.points:
                continue
            late = self._gained_late(held)
            if not late < self.worth or not held.curve.end.value / _scale(held) < self.good:
                continue
            assert train.curve is not None
            yield self.finding(
                f"{train.name} stands at {train.curve.end.value:.4g} and {held.name} at {held.curve.end.value:.4g} has gained nothing over the last third",
                at_level(
                    case,
                    train,
                    train.curve.end,
                    f"{train.name} at the end",
                    expected=_scale(train),
                    formula="all right",
                ),
                Evidence(
                    label=f"gain of {held.name} over the last third",
                    measured=late * _scale(held),
                    expected=self.worth * _scale(held),
                    formula="half a point",
                    span=between(case, held, 2 * len(held.curve.levels) // 3, len(held.curve.levels) - 1),
                ),
                severity=Severity.INFO,
                confidence=0.8,
                why="examples that are all answered right give hardly any gradient",
                do=(f"stop, and keep the checkpoint of the best {held.name}",),
                check="the gradient norm: it must have fallen far below that of the first epochs",
                rank=16,
            )
            return

    def _full(self, reading: Reading) -> bool:
        curve = reading.curve
        if curve is None or curve.count < self.points:
            return False
        last = curve.levels[3 * len(curve.levels) // 4 :]
        return float(np.median(last)) / _scale(reading) >= self.full

    def _gained_late(self, held: Reading) -> float:
        """How much the best of the last third lies above the best before, as a share."""
        assert held.curve is not None
        third = 2 * len(held.curve.levels) // 3
        before, after = held.curve.levels[:third], held.curve.levels[third:]
        return (float(after.max()) - float(before.max())) / _scale(held)


def _scale(reading: Reading) -> float:
    """1 or 100."""
    curve = reading.curve
    return 100.0 if reading.role.unit == "percent" or (curve is not None and curve.best.value > 1.5) else 1.0

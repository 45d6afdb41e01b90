"""DIV006: the gradient norm left its band before the loss turned."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import GAMES, GRAD_NORM, TASKS, TRAIN_LOSS, Case, Reading, has_task
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.evidence import between, log_levels
from traindx.rules.rule import Rule, RuleMeta
from traindx.run import Floats
from traindx.signals import drift, exponential, robust_sd, true_stretches


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class GradientGrewFirst(Rule):
    """The gradient norm grows steadily, or left its band before the loss turned.

    ## What it looks at
    The logged gradient norm. Where the loss got worse after its best level: the first stretch before that turn in which the
    norm left the band of its earlier values. Where it did not: whether the norm has grown threefold over the last two thirds.

    ## Why it matters
    What moved first is nearer to the cause. A norm that grows before the loss turns speaks of the optimiser (step size,
    weights or logits that grow); a loss that turns first speaks of the data.

    ## What to try
    - Go back to a checkpoint before the norm left its band, with a lower learning rate or tighter clipping.
    - Log the norm per layer to see where it grows.

    ## When it is wrong
    Norms grow slowly in many sound runs, late, while the loss falls: that is a remark, no fault. Norms logged after clipping say nothing.
    """

    meta: ClassVar = RuleMeta(
        code="DIV006", name="gradient-grew-first", since="0.1", summary="the gradient norm grew before the loss turned"
    )
    needs: ClassVar = (GRAD_NORM, TRAIN_LOSS)
    may_use: ClassVar = (TASKS,)

    points: int = 40
    band: float = 4.0
    """Standard deviations of the logarithm that the medians of three neighbouring norms hardly ever leave."""

    factor: float = 1.5
    growth: float = 3.0
    """Two alarms in one: twice is what a late learning rate does, three times is more."""

    z: float = 4.5
    lost_share: float = 0.25
    """A loss has turned where a quarter of what it had gained, and a twentieth of the level, is lost."""

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak where the norm moved first, or grows all the time."""
        norm, loss = case[GRAD_NORM], case[TRAIN_LOSS]
        logs = log_levels(norm, self.points)
        if logs is None or loss.curve is None or has_task(case, GAMES):
            return
        turn = self._turned(loss)
        if turn is None:
            yield from self._growing(case, norm, logs)
        else:
            yield from self._before_the_turn(case, norm, logs, turn)

    def _turned(self, loss: Reading) -> float | None:
        """The step of the best level of a loss that has become worse since, or None."""
        curve = loss.curve
        assert curve is not None
        needed = max(self.lost_share * max(curve.gained, 0.0), 0.05 * abs(curve.best.value), 5 * curve.error)
        if curve.count < self.points or not curve.lost > needed:
            return None
        return float(loss.series.finite().steps[curve.best.last])

    def _before_the_turn(self, case: Case, norm: Reading, logs: Floats, turn: float) -> Iterator[Finding]:
        curve, series = norm.curve, norm.series.finite()
        assert curve is not None
        steps = series.steps[:: curve.block][: len(logs)]
        before = np.flatnonzero(steps <= turn)
        known = logs[before[: max(1, 2 * len(before) // 3)]]
        if len(known) < self.points // 2 or len(before) < len(known) + 3:
            return
        settled = known[len(known) // 5 :]  # warm-up is left out
        level, spread = float(np.median(settled)), robust_sd(settled)
        limit = level + max(self.band * spread, math.log(self.factor))
        out = [s for s in true_stretches(logs > limit) if s[1] - s[0] >= 2 and s[0] >= len(known)]
        if not out or not steps[out[0][0]] < turn:
            return
        first, last = out[0]
        peak = exponential(float(np.median(logs[first : last + 1])))
        yield self.finding(
            f"{norm.name} left its band at step {steps[first]:g} ({float(np.exp(level)):.3g} to {peak:.3g}), before {case[TRAIN_LOSS].name} turned at step {turn:g}",
            Evidence(
                label=f"{norm.name} behind step {steps[first]:g}",
                measured=peak,
                expected=float(np.exp(limit)),
                formula="upper end of its band before",
                span=between(case, norm, first, last),
            ),
            severity=Severity.WARNING,
            confidence=0.8,
            why="what moved first is nearer to the cause: here the updates grew before the loss did",
            do=(
                f"go back to a checkpoint before step {steps[first]:g}, with a lower learning rate or tighter clipping",
                "log the gradient norm per layer",
            ),
            check="resume before that step with half the learning rate: if the norm stays in its band, it was the step size",
            rank=56,
        )

    def _growing(self, case: Case, norm: Reading, logs: Floats) -> Iterator[Finding]:
        part = logs[len(logs) // 3 :]
        found = drift(part)
        if found is None or not found.z > self.z or not found.change > math.log(self.growth):
            return
        yield self.finding(
            f"{norm.name} has grown {float(np.exp(found.change)):.2g} times over the last two thirds of the run while the loss has not turned",
            Evidence(
                label="growth of the gradient norm",
                measured=float(np.exp(found.change)),
                expected=self.growth,
                formula="more than a decaying learning rate brings",
                span=between(case, norm, len(logs) // 3, len(logs) - 1),
                note=f"Kendall's tau {found.order:.2f}",
            ),
            severity=Severity.INFO,
            confidence=0.7,
            why="a norm that grows over thousands of steps often comes before a spike or a turn of the loss",
            do=("keep a checkpoint now, and log the norms of weights and logits",),
            check="log the norm per layer: growth in one layer points at it",
            rank=12,
        )

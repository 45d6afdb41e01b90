"""SPK002: the gradient norm leapt and came back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import GAMES, GRAD_NORM, TASKS, TRAIN_LOSS, Case, Reading, has_task
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.rule import Rule, RuleMeta
from traindx.run import Floats, Series
from traindx.signals import Spike, spikes


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class GradientSpikes(Rule):
    """The gradient norm leapt far outside its own noise, and came back.

    ## What it looks at
    Excursions of the logged gradient norm, judged like those of the loss; the largest of each stretch stands for it in runs of more
    than 4,000 points. Whether the loss leapt at the same steps is looked up.

    ## Why it matters
    Alone they are what clipping is for. Together with spikes of the loss they are updates that throw the model out.

    ## What to try
    - Clip the gradient norm at two or three times its median.
    - Log the batch ids at these steps.

    ## When it is wrong
    Norms of rewards and of very uneven batches have heavy tails by nature.
    """

    meta: ClassVar = RuleMeta(
        code="SPK002", name="gradient-spikes", since="0.1", summary="the gradient norm leapt and recovered"
    )
    needs: ClassVar = (GRAD_NORM,)
    may_use: ClassVar = (TRAIN_LOSS, TASKS)
    explained_by: ClassVar = ("SPK001", "DIV001", "NAN001", "NAN002")

    most: int = 4_000
    joint: int = 3
    joint_factor: float = 1.5
    """Three joint leaps, of the loss by half, are no chance: by itself each of them is rare."""

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak where the norm leapt."""
        norm = case[GRAD_NORM]
        if has_task(case, GAMES):
            return
        series = norm.series.finite()
        values, block = _largest(series.values, self.most)
        found = [s for s in spikes(values) if s.level > 0]
        if not found:
            return
        worst = max(found, key=lambda s: s.score)
        joint = self._joint(case.get(TRAIN_LOSS), series, found, block)
        with_loss = f"; the loss leapt with {len(joint)} of them" if joint else ""
        first, last = worst.first * block, min(len(series) - 1, worst.last * block + block - 1)
        yield self.finding(
            f"{len(found)} spike{'s' if len(found) > 1 else ''} in {series.name}, up to {worst.peak:.4g} from {worst.level:.4g}{with_loss}",
            Evidence(
                label=f"highest norm of the spike at step {series.steps[first]:g}",
                measured=worst.peak,
                expected=worst.level,
                formula="local median",
                span=case.span(series, first, last),
                note=f"{worst.score:.1f} times the limit of its own noise",
            ),
            severity=Severity.WARNING if len(joint) >= self.joint else Severity.INFO,
            confidence=float(np.clip(0.6 + 0.1 * worst.score, 0.6, 0.95)),
            why="single leaps are what clipping is for; leaps that the loss joins throw the model out",
            do=("clip the gradient norm at two or three times its median", "log the batch ids at these steps"),
            check="replay the batch of the largest spike on the checkpoint before it",
            rank=20,
        )

    def _joint(self, loss: Reading | None, series: Series, found: list[Spike], block: int) -> list[Spike]:
        """The spikes at whose steps, or one logged point later, the loss leapt by half as well."""
        if loss is None or loss.curve is None or not loss.series.has_steps:
            return []
        shown = loss.series.finite()
        values, wide = _largest(shown.values, self.most)
        leaps = [s for s in spikes(values) if s.peak > self.joint_factor * abs(s.level)]
        begins = np.array([shown.steps[s.first * wide] for s in leaps])
        ends = np.array([shown.steps[min(len(shown) - 1, (s.last + 1) * wide)] for s in leaps])
        joint: list[Spike] = []
        for one in found:
            first = series.steps[one.first * block]
            last = series.steps[min(len(series) - 1, (one.last + 1) * block)]
            if bool(((begins <= last) & (ends >= first)).any()):
                joint.append(one)
        return joint


def _largest(values: Floats, most: int) -> tuple[Floats, int]:
    """The largest value of each block, of at most ``most`` blocks, and the points per block."""
    block = -(-len(values) // most)
    if block <= 1:
        return values, 1
    whole = len(values) // block
    return np.asarray(values[: whole * block].reshape(whole, block).max(axis=1), dtype=np.float64), block

"""SPK001: excursions of the loss that recovered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import GAMES, GRAD_NORM, TASKS, TRAIN_LOSS, Case, has_task
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.rule import Rule, RuleMeta
from traindx.signals import spikes


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class LossSpikes(Rule):
    """The loss leapt far outside its own noise, and came back.

    ## What it looks at
    Excursions of the training loss beyond eight local standard deviations on the log scale, or beyond 1.5 times its own
    99.5 % quantile where its noise has heavy tails.

    ## Why it matters
    One or two points are a hard or mislabelled batch. Excursions of several points are the optimiser being thrown out
    and finding back; they often come before divergence.

    ## What to try
    - Note which batches they are; if the same ones return every epoch, it is the data.
    - Clip the gradient norm; lower the second Adam coefficient to 0.95; lengthen the warm-up.

    ## When it is wrong
    Losses that mix very different batches (several tasks, several noise levels) have spikes by nature.
    """

    meta: ClassVar = RuleMeta(code="SPK001", name="loss-spikes", since="0.1", summary="the loss leapt and recovered")
    needs: ClassVar = (TRAIN_LOSS,)
    may_use: ClassVar = (GRAD_NORM, TASKS)
    condition: ClassVar = "spikes"
    explained_by: ClassVar = ("LOG003", "DIV001")

    lasting_points: int = 3
    lasting_factor: float = 1.2
    """A lasting excursion must lift the loss by a fifth: smaller ones cost nothing."""

    least_loss: float = 0.25
    """It must also undo a quarter of what training had gained: less is soon made good, or is the last printed digit."""

    def check(self, case: Case) -> Iterator[Finding]:
        if has_task(case, GAMES | {"diffusion"}):
            return
        series = case[TRAIN_LOSS].series.finite()
        settled = len(series) // 20  # the first twentieth falls too fast for a local level
        found = [s for s in spikes(series.values) if s.first >= settled]
        if not found:
            return
        curve = case[TRAIN_LOSS].curve
        fallen = max(curve.gained, 0.0) if curve is not None else 0.0
        lasting = [
            s
            for s in found
            if s.last - s.first + 1 >= self.lasting_points
            and s.peak > self.lasting_factor * abs(s.level)
            and s.peak - s.level >= self.least_loss * fallen
        ]
        worst = max(lasting or found, key=lambda s: s.score)
        kind = (
            f"{len(lasting)} lasted {self.lasting_points} points or more"
            if lasting
            else "each recovered within two points"
        )
        yield self.finding(
            f"{len(found)} spike{'s' if len(found) > 1 else ''} in {series.name}, up to {worst.peak:.4g} from {worst.level:.4g}; {kind}",
            Evidence(
                label=f"highest point of the spike at step {series.steps[worst.first]:g}",
                measured=worst.peak,
                expected=worst.level,
                formula="local median",
                span=case.span(series, worst.first, worst.last),
                note=f"{worst.score:.1f} times the limit of its own noise",
            ),
            severity=Severity.WARNING if lasting else Severity.INFO,
            confidence=float(np.clip(0.6 + 0.1 * worst.score, 0.6, 0.95)),
            why="lasting spikes mean that single updates throw the model out; they often come before divergence",
            do=(
                "clip the gradient norm, and log it before clipping",
                "log the batch ids of the spikes and look at them",
            ),
            check="replay the batch of the spike on the checkpoint before it: a high loss there means data, a low one the optimiser",
            rank=40,
        )

"""PRO007: a loss that stands still by nature."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.context import MAIN_METRIC, TASKS, TRAIN_LOSS, Case, is_flat
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.rule import Rule, RuleMeta

_WHY = {
    "diffusion": "every batch draws other noise levels, and their mean cost hardly changes while the samples get better",
    "reinforcement": "the loss of a policy is a surrogate for one update: its level says nothing about the return",
    "gan": "each side is measured against the other: a level that stands is a balance, not a standstill",
}
_INSTEAD = {
    "diffusion": "judge by samples from a fixed seed, or by the loss at a few fixed noise levels on a fixed batch",
    "reinforcement": "judge by the mean return over the last hundred episodes",
    "gan": "judge by samples from a fixed seed, or by a distance between features of real and made samples",
}


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class NoisyByNature(Rule):
    """The loss stands still within its noise, as losses of this kind do while the model learns.

    ## What it looks at
    Whether the training loss of a diffusion model, a policy or a GAN has moved beyond its noise.

    ## Why it matters
    People stop such runs because the loss looks flat, or trust them because it looks calm. Neither follows.

    ## What to try
    - Diffusion: samples from a fixed seed; the loss at fixed noise levels on a fixed batch.
    - Reinforcement learning: the return. GANs: samples, and a distance of features.

    ## When it is wrong
    A loss that stands still from the very first step on, exactly, has no gradient: that is another finding.
    """

    meta: ClassVar = RuleMeta(
        code="PRO007", name="noisy-by-nature", since="0.1", summary="a loss that says little: judge by another metric"
    )
    needs: ClassVar = (TRAIN_LOSS, TASKS)
    may_use: ClassVar = (MAIN_METRIC,)
    explained_by: ClassVar = ("PRO001", "BAS001", "DIV001", "NAN001", "LOG003")

    points: int = 20

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak where the loss of such a task is flat."""
        task = next((name for name in _WHY if name in case[TASKS]), None)
        reading = case[TRAIN_LOSS]
        curve = reading.curve
        if task is None or curve is None or curve.count < self.points or not is_flat(curve):
            return
        metric = case.get(MAIN_METRIC)
        instead = f"judge by {metric.name}" if metric is not None else _INSTEAD[task]
        yield self.finding(
            f"{reading.name} stands at {curve.end.value:.4g} within its noise over {curve.count} points, which says little in {_named(task)}",
            Evidence(
                label="scatter of single points",
                measured=curve.noise,
                expected=abs(curve.gained),
                formula="what was gained over the run",
                span=case.span(reading.series),
            ),
            severity=Severity.INFO,
            confidence=0.8,
            why=_WHY[task],
            do=(instead,),
            check=_INSTEAD[task],
            rank=5,
        )


def _named(task: str) -> str:
    return {"reinforcement": "reinforcement learning", "gan": "a GAN"}.get(task, "a diffusion model")

"""GNR006: a diffusion model that answers zero."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.baselines import noise_prediction_trivial
from traindx.context import JUDGED_LOSS, LOSS_FAMILY, Case
from traindx.diagnosis import Finding, Severity
from traindx.rules.choosing import across, level_of
from traindx.rules.evidence import come_far
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class PredictsNoNoise(Rule):
    """The loss of a diffusion model stands at 1.0, what the answer zero costs.

    ## What it looks at
    The level of a noise-prediction loss over the first and the last third of the run, against 1: the variance of the noise.

    ## Why it matters
    Even a linear denoiser comes far below 1 within a few hundred steps, because the noisy input shows most of the noise.
    A model that stays there does not see its input, or its output never leaves a zero initialisation.

    ## What to try
    - Overfit one picture at one noise level; the loss must go to zero.
    - Check that the noisy sample, not the clean one, is the input, and that noise is what the loss compares with.

    ## When it is wrong
    Losses that are weighted by noise level, or predict another target than unit noise.
    """

    meta: ClassVar = RuleMeta(
        code="GNR006", name="predicts-no-noise", since="0.1", summary="a diffusion model answers zero"
    )
    needs: ClassVar = (JUDGED_LOSS, LOSS_FAMILY)
    condition: ClassVar = "at_chance"
    explained_by: ClassVar = ("NAN001", "NAN002", "BAS001")

    points: int = 10
    near: float = 0.02

    def check(self, case: Case) -> Iterator[Finding]:
        loss = case[JUDGED_LOSS]
        if case[LOSS_FAMILY] != "diffusion" or loss.curve is None or loss.curve.count < self.points:
            return
        level = noise_prediction_trivial().value
        first, last = level_of(loss, 0.0, 1 / 3), level_of(loss, 2 / 3)
        if not (come_far(loss) and all(abs(value - level) <= self.near * level for value in (first, last))):
            return
        yield self.finding(
            f"{loss.name} is {last:.4g} over the last third of the run, what the answer zero costs a diffusion model",
            across(
                case,
                loss,
                f"{loss.name} over the last third",
                last,
                first=2 / 3,
                expected=level,
                formula="variance of the noise",
            ),
            severity=Severity.ERROR,
            confidence=0.9,
            why="even a linear denoiser comes far below it: the model does not see its input, or its output stays at zero",
            do=(
                "overfit one picture at one noise level",
                "check that the noisy sample is the input and the noise the target",
            ),
            check="the spread of the model's output over a batch: zero confirms it",
            rank=84,
        )

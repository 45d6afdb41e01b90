"""GNR007: a flat and noisy diffusion loss is normal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.context import TASKS, TRAIN_LOSS, Case
from traindx.diagnosis import Finding, Severity
from traindx.rules.choosing import across, level_of, sample
from traindx.rules.rule import Rule, RuleMeta
from traindx.signals import robust_sd


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class DiffusionLossFlat(Rule):
    """The loss of a diffusion model is flat and noisy, as it is in good runs as well.

    ## What it looks at
    The level of the loss over the third and the last quarter of the run, and its scatter, where the loss is known to be
    that of diffusion or flow matching.

    ## Why it matters
    Each step draws noise levels at random, and these decide most of its loss: it scatters widely and soon seems flat, while
    samples go on improving for a long time. Many sound runs are stopped for this reason.

    ## What to try
    - Log the loss by noise level, or on fixed noise and fixed levels; judge by samples or FID.

    ## When it is wrong
    It is a remark, not a fault.
    """

    meta: ClassVar = RuleMeta(
        code="GNR007", name="diffusion-loss-flat", since="0.1", summary="a flat, noisy diffusion loss is normal"
    )
    needs: ClassVar = (TRAIN_LOSS, TASKS)
    explained_by: ClassVar = ("GNR006", "NAN001", "NAN002")

    points: int = 50
    noisy: float = 0.05
    """Under a twentieth of scatter, the printed values are averages over many batches, and a flat line means more."""

    flat: float = 0.02
    most: float = 0.1
    """However loud the noise, a change of a tenth between two quarters is no flat line."""

    def check(self, case: Case) -> Iterator[Finding]:
        loss = case[TRAIN_LOSS]
        if "diffusion" not in case[TASKS] or loss.curve is None or loss.curve.count < self.points:
            return
        before, now = level_of(loss, 0.5, 0.75), level_of(loss, 0.75)
        late = sample(loss, 0.75)
        scatter = robust_sd(late) / max(abs(now), 1e-12)
        error = 1.77 * scatter / max(1.0, len(late)) ** 0.5  # of a difference of two medians
        if not (
            now > 0 and scatter >= self.noisy and abs(now - before) <= max(self.flat, min(3 * error, self.most)) * now
        ):
            return
        yield self.finding(
            f"{loss.name} stands at {now:.3g} with a scatter of {100 * scatter:.0f} %: noise levels drawn at random make it flat and noisy, in good runs too",
            across(
                case,
                loss,
                "scatter of single points, as a share of the level",
                scatter,
                first=0.75,
                expected=self.noisy,
            ),
            severity=Severity.INFO,
            confidence=0.8,
            why="the noise level of a step decides most of its loss; samples improve long after it seems flat",
            do=("log the loss by noise level, or on a fixed set of noises", "judge by samples or FID"),
            check="the loss of two distant checkpoints on the same samples and noises",
            rank=9,
        )

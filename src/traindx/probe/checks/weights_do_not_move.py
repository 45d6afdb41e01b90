"""PRB031: a step of the optimiser leaves weights where they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.diagnosis import Evidence, Finding, RuleMeta, Severity
from traindx.probe.checks.probe_check import ProbeCheck
from traindx.probe.checks.wording import n, percent, some
from traindx.probe.measured import Measured


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class WeightsDoNotMove(ProbeCheck):
    """A real step of the optimiser changes nothing, or next to nothing.

    ## What it looks at
    Every parameter that has a gradient, before and after one step of a copy of the given optimiser, at the learning rate that the schedule aims for.

    ## Why it matters
    With a learning rate of 0, or so small that the change is rounded away (below 1/256 of a weight in bfloat16), the loss never moves, and everything else
    about the run looks healthy.

    ## What to try
    - Print the learning rate of every group. In bfloat16, keep a float32 copy of the weights or round stochastically.

    ## When it is wrong
    Embeddings of tokens that are not in the batch: only parameters of which nothing moved are counted.
    """

    meta: ClassVar = RuleMeta(
        code="PRB031",
        name="weights-do-not-move",
        since="0.2",
        summary="a step of the optimiser leaves weights where they are",
    )
    needs: ClassVar = ("movement",)
    condition: ClassVar = "lr_schedule"

    rounded: float = 0.1
    """Of a parameter's numbers: where fewer change, in most of the parameters, the step is lost in rounding."""

    def check(self, subject: Measured) -> Iterator[Finding]:
        """Look at what the first step did."""
        movement = subject.movement
        if movement is None:
            return
        rates = movement.rates
        tried = [m for m in movement.moved if m.name in movement.sloping and m.name in rates.held]
        if not tried:
            return
        still = [m for m in tried if m.share == 0]
        rate = rates.rate
        at = "" if rate is None else f" at learning rate {n(rate)}"
        told = Evidence(
            label="learning rate",
            measured=rate,
            note=f"{rates.name}, {len(rates.rates)} group{'s' if len(rates.rates) > 1 else ''}",
        )
        if len(still) == len(tried):
            yield self.found(
                f"one step of {rates.name}{at} changes none of {len(tried)} parameters",
                told,
                Evidence(label="parameters that moved", measured=0.0, expected=float(len(tried))),
                severity=Severity.ERROR,
                confidence=0.97,
                why="the loss will never move",
                do=("set the learning rate of every group, and look whether a schedule sets it to 0",),
                rank=90,
            )
            return
        if still:
            yield self.found(
                f"one step of {rates.name} leaves {len(still)} of {len(tried)} parameters where they are: {some([m.name for m in still])}",
                told,
                Evidence(
                    label="parameters that moved", measured=float(len(tried) - len(still)), expected=float(len(tried))
                ),
                severity=Severity.WARNING,
                confidence=0.85,
                why="a group with learning rate 0, or steps that are rounded away",
                do=("print the learning rate of every group", "keep a float32 copy of half-precision weights"),
                rank=73,
            )
        lost = sorted(m.share for m in tried)[len(tried) // 2]
        if not still and lost < self.rounded:
            yield self.found(
                f"one step changes {percent(lost)} of the numbers of a parameter: the rest is rounded away",
                told,
                Evidence(
                    label="share of numbers that changed", measured=lost, expected=1.0, note="median over parameters"
                ),
                severity=Severity.WARNING,
                confidence=0.8,
                why="a change below the spacing of the number format is none",
                do=("keep a float32 copy of the weights, or raise the learning rate",),
                rank=73,
            )

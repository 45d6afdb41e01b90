"""GNR009: the divergence of a variational model weighs nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import READINGS, TASKS, Case
from traindx.diagnosis import Finding, Severity
from traindx.rules.choosing import across, readings_of, sample
from traindx.rules.evidence import come_far
from traindx.rules.generative.players import divergence_of
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class DivergenceSwitchedOff(Rule):
    """The factor of the divergence term has been zero all the time: the model is a plain autoencoder.

    ## What it looks at
    The logged factor of the divergence (`kl_weight`, `beta`), at every point.

    ## Why it matters
    Without it, codes may lie anywhere: reconstructions are good, and samples from the prior are noise. A warm-up that is
    never stepped leaves the factor at its first value.

    ## What to try
    - Step the schedule of the factor, or shorten it to a part of the run.

    ## When it is wrong
    Runs that are still inside a long warm-up; plain autoencoders on purpose.
    """

    meta: ClassVar = RuleMeta(
        code="GNR009", name="divergence-switched-off", since="0.1", summary="the divergence term weighs nothing"
    )
    needs: ClassVar = (READINGS, TASKS)

    points: int = 20

    def check(self, case: Case) -> Iterator[Finding]:
        if divergence_of(case) is None:
            return
        for factor in readings_of(case, "loss_weight"):
            values = sample(factor)
            named = any(word in factor.name.lower() for word in ("kl", "beta", "anneal"))
            if not named or len(values) < self.points or not come_far(factor) or float(np.max(np.abs(values))) > 0:
                continue
            yield self.finding(
                f"{factor.name} is 0 at all of {len(factor.series)} points: the divergence term weighs nothing",
                across(case, factor, f"largest {factor.name}", 0.0, expected=1.0, formula="the usual factor"),
                severity=Severity.INFO,
                confidence=0.8,
                why="codes may then lie anywhere: reconstructions are good, and samples from the prior are noise",
                do=("step the schedule of the factor, or shorten it",),
                check="decode codes drawn from the prior",
                rank=14,
            )
            return

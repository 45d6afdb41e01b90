"""PRB004: numbers that are predicted are far from unit scale."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.diagnosis import Evidence, Finding, RuleMeta, Severity
from traindx.probe.checks.probe_check import ProbeCheck
from traindx.probe.checks.wording import n
from traindx.probe.measured import Measured


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class TargetsNotScaled(ProbeCheck):
    """Targets of a regression are far from mean 0 and standard deviation 1.

    ## What it looks at
    Every floating-point target of the batch that is no box and no mask.

    ## Why it matters
    A fresh network answers about 0 with a deviation about 1. Targets at 200,000 take thousands of steps to be reached, and their squared error makes
    gradients that clipping cuts to nothing or that break the first steps.

    ## What to try
    - Standardise the targets by the training set, and undo it when predicting.

    ## When it is wrong
    Where the last layer already holds the scale: a bias and a factor set from the data.
    """

    meta: ClassVar = RuleMeta(
        code="PRB004", name="targets-not-scaled", since="0.2", summary="targets are far from mean 0 and deviation 1"
    )
    needs: ClassVar = ("batch",)
    condition: ClassVar = "scale"

    offset: float = 10.0
    """Deviations that the mean may lie from 0 before the first thousand steps are spent on getting there."""
    deviation: float = 30.0
    """A fresh network's answers have a deviation about 1; thirty times that is another unit."""

    def check(self, subject: Measured) -> Iterator[Finding]:
        """Speak of each target."""
        for leaf in subject.batch.of_role("target"):
            if (
                not leaf.real
                or "box" in leaf.path.lower()
                or leaf.values.size < 8
                or not np.isfinite(leaf.values).all()
            ):
                continue
            values = leaf.values.astype(np.float64)
            mean, deviation = float(values.mean()), float(values.std())
            far = deviation > 0 and abs(mean) > self.offset * deviation and abs(mean) > self.offset
            if not (deviation > self.deviation or far):
                continue
            yield self.found(
                f"the targets {leaf.path} have mean {n(mean)} and standard deviation {n(deviation)}",
                Evidence(label="standard deviation", measured=deviation, expected=1.0, formula="standardised targets"),
                Evidence(label="mean", measured=mean, expected=0.0, formula="standardised targets"),
                severity=Severity.WARNING,
                confidence=0.8,
                why="a fresh network answers about 0: the first thousand steps only move its bias",
                do=("standardise the targets by the training set, and undo it when predicting",),
                rank=59,
            )

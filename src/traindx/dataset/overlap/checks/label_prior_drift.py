"""LEK008: the labels are distributed differently in the two splits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.dataset.overlap.checks.wording import share
from traindx.dataset.overlap.overlap import Overlap
from traindx.diagnosis import Check, Evidence, Finding, RuleMeta, Severity


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class LabelPriorDrift(Check[Overlap]):
    """The labels have other frequencies in the other split.

    ## What it looks at
    The share of each class (or the distribution of a numeric target) in both splits, against what samples of this size show by luck; and
    classes of the other split that the training split lacks.

    ## Why it matters
    Class priors move accuracy, calibration and the level of the loss even for a perfect model of p(x | y). A class that was never
    trained on is answered wrong every time.

    ## What to try
    - Split in strata of the label, or correct the scores by the ratio of the priors.
    - Report recall of each class, which priors do not move.

    ## When it is wrong
    A test set that was balanced on purpose.
    """

    meta: ClassVar = RuleMeta(
        code="LEK008",
        name="label-prior-drift",
        since="0.1",
        summary="the labels have other frequencies in the other split",
    )

    false_alarms: float = 0.01
    """The chance of a false alarm for splits of one distribution."""

    small: float = 0.02
    """Two points of one class: what moves accuracy by about as much."""

    small_gap: float = 0.08
    """Of numeric targets: the gap that a shift of a fifth of a standard deviation makes."""

    large: float = 0.1
    """Ten points of one class."""

    def check(self, subject: Overlap) -> Iterator[Finding]:
        """Speak of the class whose share moved most."""
        label = subject.drift.label if subject.drift is not None else None
        if label is None or not (label.p < self.false_alarms and label.effect > 0):
            return
        unseen = label.new_share > 0
        least = self.small if label.kind == "category" else self.small_gap
        severity = Severity.WARNING if label.effect >= least or unseen else Severity.INFO
        moved = (
            f"the share of {label.feature} {label.top!r} is {share(label.top_train)} in {subject.train} and {share(label.top_other)} in {subject.other}"
            if label.kind == "category"
            else f"the mean of {label.feature} differs by {label.mean_shift:+.2g} standard deviations between the splits"
        )
        evidence = [
            Evidence(
                label="largest change of a share" if label.kind == "category" else "gap of distributions",
                measured=label.effect,
                expected=0.0,
                formula="one distribution",
                note=f"p = {label.p:.2g} with {label.train_effective:,.0f} and {label.other_effective:,.0f} independent rows",
            )
        ]
        if unseen:
            evidence.append(
                Evidence(label="share of rows whose class was never trained on", measured=label.new_share, expected=0.0)
            )
        yield self.finding(
            moved,
            *evidence,
            severity=severity,
            confidence=0.95 if label.effect >= self.large else 0.85,
            why="priors move accuracy and the level of the loss even for a model that learnt everything",
            do=(
                "split in strata of the label, or correct scores by the ratio of priors",
                "report recall of each class",
            ),
            check="weigh the other split to the training priors, and measure again",
            decided_by="data",
            rank=35,
        )

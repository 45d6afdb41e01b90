"""LEK004: a single feature tells the label."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.dataset.overlap.overlap import Overlap, TargetLeak
from traindx.diagnosis import Check, Evidence, Finding, RuleMeta, Severity

_NAMES = {
    "auc": "the area under its ROC curve",
    "correlation": "its correlation with the label",
    "purity": "the share of labels that its value gives away",
}


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class LabelInFeature(Check[Overlap]):
    """A single feature tells the label by itself.

    ## What it looks at
    For each feature alone: the area under the ROC curve of each label against the rest, the correlation with a numeric label, and how often
    rows with the same value share their label. The lower bound counts, taken from the rows of the rarer label.

    ## Why it matters
    Real features rarely tell everything. One that does is most often made from the label, or written down after it: a diagnosis code among the
    symptoms, the date of payment among the predictors of payment. It is absent when the model is used.

    ## What to try
    - Ask when and from what the feature is recorded; train without it and compare.

    ## When it is wrong
    Easy tasks that one measurement does solve, and labels that are defined by a feature on purpose.
    """

    meta: ClassVar = RuleMeta(
        code="LEK004", name="label-in-feature", since="0.1", summary="a single feature tells the label by itself"
    )

    least: float = 0.99
    """An area or correlation that honest single features do not reach."""

    least_low: float = 0.95
    """The lower bound that must be left after luck: needs about 75 rows of the rarer label without one error."""

    shown: int = 3
    """Features named one by one; more of them are counted."""

    def check(self, subject: Overlap) -> Iterator[Finding]:
        """Speak of the strongest features, in one finding."""
        found = [leak for leak in subject.targets if leak.strength > self.least and leak.low > self.least_low]
        if not found:
            return
        first = found[0]
        more = f", and {len(found) - 1:,} more do" if len(found) > 1 else ""
        yield self.finding(
            f"{first.feature} alone tells {first.label}: {_NAMES[first.measure]} is {first.strength:.4g}{more}",
            *(self._evidence(leak) for leak in found[: self.shown]),
            severity=Severity.WARNING,
            confidence=0.8,
            why="a feature that tells the label is mostly made from it, and absent when the model is used",
            do=(
                f"find out when and from what {first.feature} is recorded",
                "train without it, and compare on held-out data",
            ),
            check="fit a threshold on this one feature and score it on the held-out split",
            decided_by="data",
            rank=70,
        )

    def _evidence(self, leak: TargetLeak) -> Evidence:
        against = f"{leak.label} = {leak.label_value} against the rest, " if leak.label_value else ""
        return Evidence(
            label=f"{leak.feature}: {leak.measure}",
            measured=leak.strength,
            expected=leak.expected,
            formula="a feature without information" if leak.measure != "purity" else "always the commonest label",
            note=f"{against}{leak.rows:,} rows, at least {leak.low:.3f}",
        )

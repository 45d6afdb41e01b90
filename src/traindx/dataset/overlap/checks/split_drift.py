"""LEK007: the features of the two splits are distributed differently."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.dataset.drift import FeatureDrift
from traindx.dataset.overlap.checks.wording import share
from traindx.dataset.overlap.overlap import Overlap
from traindx.diagnosis import Check, Evidence, Finding, RuleMeta, Severity


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SplitDrift(Check[Overlap]):
    """The features of the two splits are distributed differently.

    ## What it looks at
    Feature by feature: the largest gap between the distribution functions (Kolmogorov and Smirnov), the counts in bins (chi-square), shares of categories, missing values;
    each against what two samples of one distribution of this size would show, corrected for the number of features (Benjamini and Hochberg) and for rows that come in
    groups. The population stability index stands beside its own null: (B - 1)(1/n + 1/m) on average, far below the usual 0.1 and 0.25 when there are many rows.

    ## Why it matters
    A split that is not a sample of the same data measures two things at once: what was learnt, and how far the splits differ.

    ## What to try
    - Find out how the split was made: sorted by time, by source, by class? Were both normalised by the same statistics?
    - Split at random, or say on purpose that the other split is a different population.

    ## When it is wrong
    Rows that depend on each other (frames, windows, patients) and no grouping column named: they count as more evidence than they are.
    """

    meta: ClassVar = RuleMeta(
        code="LEK007",
        name="split-drift",
        since="0.1",
        summary="the features of the two splits are distributed differently",
    )

    false_alarms: float = 0.01
    """The share of false alarms among the features that are named."""

    small: float = 0.08
    """A gap that a shift of a fifth of a standard deviation makes: J. Cohen's smallest effect worth the name. Below, the drift is real but small."""

    large: float = 0.2
    """A gap that half a standard deviation makes, his medium effect."""

    shown: int = 5
    """Features named one by one; more of them are counted."""

    def check(self, subject: Overlap) -> Iterator[Finding]:
        """Speak of all features in one finding, the farthest first."""
        drift = subject.drift
        if drift is None:
            return
        named = zip(drift.features, drift.adjusted, strict=True)
        moved = sorted(
            ((f, p) for f, p in named if p < self.false_alarms), key=lambda both: (-both[0].effect, both[0].feature)
        )
        material = [f for f, _ in moved if f.effect >= self.small]
        if not moved:
            return
        first = moved[0][0]
        verb = "differs" if len(material or moved) == 1 else "differ"
        headline = (
            f"{len(material):,} of {len(drift.features):,} features {verb} between {subject.train} and {subject.other}, {first.feature} the most: {_said(first, subject)}"
            if material
            else f"{len(moved):,} of {len(drift.features):,} features {verb} between the splits by little: at most {_said(first, subject)}"
        )
        yield self.finding(
            headline,
            *(evidence for feature, p in moved[: self.shown] for evidence in _evidence(feature, p)),
            severity=Severity.WARNING if first.effect >= self.small else Severity.INFO,
            confidence=0.95 if first.effect >= self.large else 0.85,
            why="the metric then measures the difference of the splits together with what was learnt"
            if material
            else "with so many rows even differences that matter to nobody can be told from luck",
            do=(
                "find out how the split was made (time, source, class), and whether both were normalised alike",
                "name the column of groups, if rows depend on each other",
            )
            if material
            else (),
            check="train a classifier to tell the two splits apart: on one distribution it stays at chance",
            decided_by="data",
            rank=30,
        )


def _said(feature: FeatureDrift, subject: Overlap) -> str:
    if feature.kind == "category":
        return f"the share of {feature.top!r} is {share(feature.top_train)} in {subject.train} and {share(feature.top_other)} in {subject.other}"
    if abs(feature.mean_shift) >= 0.01:
        return f"its mean moved by {feature.mean_shift:+.2g} standard deviations"
    if feature.deviation_ratio == feature.deviation_ratio:
        return f"its standard deviation is {feature.deviation_ratio:.3g} times as large"
    return f"its distribution functions are {feature.effect:.2g} apart"


def _evidence(feature: FeatureDrift, p: float) -> Iterator[Evidence]:
    what = "gap of shares" if feature.kind == "category" else "gap of distributions"
    worth = f"{feature.train_effective:,.0f} and {feature.other_effective:,.0f} independent rows"
    yield Evidence(
        label=f"{feature.feature}: {what}",
        measured=feature.effect,
        expected=0.0,
        formula="one distribution",
        note=f"p = {p:.2g} after correction, {worth}",
    )
    if feature.stability > feature.stability_limit:
        yield Evidence(
            label=f"{feature.feature}: stability index",
            measured=feature.stability,
            expected=feature.stability_expected,
            formula=f"({feature.bins} - 1)(1/n + 1/m)",
            unit="nats",
            note=f"by luck below {feature.stability_limit:.3g} in 99 of 100 cases",
        )

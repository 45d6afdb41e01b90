"""MET003: hit percentages of several evaluations fit no gallery of one size."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.baselines import compatible_sizes, sizes_by_luck
from traindx.context import METRICS, Case, Reading
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class NoCommonGallery(Rule):
    """Hit percentages of two evaluations cannot come from one gallery.

    ## What it looks at
    A percentage printed with two decimals is a count over the number of queries: only some sizes can produce
    three of them at once. Sizes up to 3,000 are tried, for every evaluation with three cut-offs or more; the rule speaks
    where one evaluation can hardly fit its size by luck (up to about 500 items for three cut-offs), and another does not
    fit it.

    ## Why it matters
    Curves over evaluations of different sizes are not comparable, and examples are sometimes mistaken for results.

    ## What to try
    - Log the number of queries and of gallery items beside every evaluation.

    ## When it is wrong
    Where queries and gallery differ in number from one evaluation to the next on purpose.
    """

    meta: ClassVar = RuleMeta(
        code="MET003", name="no-common-gallery", since="0.1", summary="hit percentages fit no common gallery size"
    )
    needs: ClassVar = (METRICS,)
    condition: ClassVar = "metric_arithmetic"

    up_to: int = 3_000
    luck: float = 0.02
    """A size counts as recognised where under one unrelated set of percentages in fifty would fit any size up to it."""

    def check(self, case: Case) -> Iterator[Finding]:
        hits = [
            r
            for r in case[METRICS]
            if r.role.kind in ("recall_at_k", "hit_rate") and r.role.k and r.role.unit == "percent"
        ]
        evaluations = {step: shares for step, shares in _by_step(hits).items() if len(shares) >= 3}
        sizes = {
            step: set(compatible_sizes(tuple(shares.values()), decimals=2, up_to=self.up_to))
            for step, shares in evaluations.items()
        }
        known = {step: fits for step, fits in sizes.items() if fits}
        luck = {step: sizes_by_luck(tuple(evaluations[step].values()), 2, min(fits)) for step, fits in known.items()}
        anchor = min((step for step in luck if luck[step] < self.luck), key=lambda step: luck[step], default=None)
        other = next(
            (
                step
                for step, fits in sizes.items()
                if anchor is not None and step != anchor and not fits & known[anchor]
            ),
            None,
        )
        if anchor is None or other is None:
            return
        reading = hits[0]
        shown = " / ".join(f"{p:g}" for p in evaluations[other].values())
        yield self.finding(
            f"the hits at step {other:g} ({shown} %) fit no gallery of up to {self.up_to:,} items that explains those at step {anchor:g}",
            Evidence(
                label=f"smallest gallery that fits step {anchor:g}",
                measured=float(min(known[anchor])),
                span=case.span(reading.series),
            ),
            Evidence(label=f"galleries up to {self.up_to:,} that fit both", measured=0.0, expected=1.0),
            severity=Severity.WARNING,
            confidence=0.85,
            why="one of the two was measured on another number of queries, or is an example and no result",
            do=("log the number of queries and gallery items with every evaluation",),
            check="print the hit counts instead of percentages",
            rank=34,
        )


def _by_step(hits: list[Reading]) -> Mapping[float, dict[int, float]]:
    """Step -> cut-off -> percentage, for those printed with two decimals at most."""
    found: dict[float, dict[int, float]] = {}
    for reading in hits:
        for step, value in zip(reading.series.steps.tolist(), reading.series.values.tolist(), strict=True):
            if abs(value * 100 - round(value * 100)) < 1e-6:
                found.setdefault(step, {})[reading.role.k or 0] = value
    return found

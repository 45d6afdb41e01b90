"""EMB003: variance lies in a few directions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.diagnosis import Check, Evidence, Finding, RuleMeta, Severity
from traindx.retrieval.checks.subject import Retrieval


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class FewDirections(Check[Retrieval]):
    """The embeddings vary along a few directions only, out of many.

    ## What it looks at
    The participation ratio of the covariance of unit rows: the number of directions among which variance is shared, with the
    bias of the sample taken out.

    ## Why it matters
    Items that differ along the unused directions cannot be told apart; a larger gallery then gains nothing from the dimension
    that is stored and compared. A class of contrastive failures, dimensional collapse, ends there.

    ## What to try
    - Weaken what pulls together: a lower temperature floor, smaller weight decay on the projection, a wider projector.
    - Store fewer dimensions: a projection on the directions in use loses nothing.

    ## When it is wrong
    Data with few true factors, as a toy set or a few classes, need no more directions.
    """

    meta: ClassVar = RuleMeta(
        code="EMB003", name="few-directions", since="0.1", summary="variance lies in a few of many directions"
    )

    share: float = 0.01
    fewest: float = 2.5
    """Encoders of real data use tens of directions; under one in a hundred, or under three, is a collapse."""
    wide: int = 16

    def check(self, subject: Retrieval) -> Iterator[Finding]:
        for name, side in (("queries", subject.queries), ("gallery", subject.items)):
            if side is None or side.dimension < self.wide or side.sampled < 4 * self.wide:
                continue
            limit = max(self.fewest, self.share * side.dimension)
            if not 0 < side.participation < limit:
                continue
            yield self.finding(
                f"the {name} {'vary' if name == 'queries' else 'varies'} along {side.participation:.1f} of {side.dimension:,} directions",
                Evidence(
                    label="participation ratio",
                    measured=side.participation,
                    expected=limit,
                    formula="least of a healthy encoder",
                    note=f"{side.sampled:,} of {side.rows:,} rows",
                ),
                Evidence(
                    label="effective rank", measured=side.effective_rank, note="exponential of the spectrum's entropy"
                ),
                severity=Severity.WARNING,
                confidence=0.85,
                why="items that differ along the unused directions cannot be told apart",
                do=(
                    "widen or drop the projection head, and look at the temperature",
                    f"store about {max(2 * side.participation, 2):.0f} dimensions if the data have no more",
                ),
                check="project on the leading directions and rank again: the same recall means the rest was empty",
                decided_by="data",
                rank=12,
            )

"""EMB005: the two sides lie apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.diagnosis import Check, Evidence, Finding, RuleMeta, Severity
from traindx.retrieval.checks.subject import Retrieval
from traindx.retrieval.words import share


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ModalityGap(Check[Retrieval]):
    """The queries and the gallery lie in two places: a plane between their centroids parts them.

    ## What it looks at
    The distance of the centroids of unit rows against the spread of each side about its own, and how many held-out rows the
    plane between them puts on the right side.

    ## Why it matters
    Ranks within one gallery hardly suffer. But a mixed gallery ranks by kind first and by meaning second, and a threshold on the cosine does not
    carry over from one kind of pair to the other.

    ## What to try
    - Rank each kind by itself, or take off each side's mean row before mixing kinds.
    - Train with a higher temperature, or on mixed batches, if one space is needed.

    ## When it is wrong
    Where both sides never share a gallery nor a threshold, it is a curiosity.
    """

    meta: ClassVar = RuleMeta(
        code="EMB005", name="modality-gap", since="0.1", summary="a plane parts queries from gallery"
    )

    parted: float = 0.99
    apart: float = 0.3
    """Distance of the centroids, in spreads of a side: below it sides overlap in all that ranking sees."""

    def check(self, subject: Retrieval) -> Iterator[Finding]:
        gap = subject.gap
        if (
            gap is None
            or subject.collapsed
            or not (gap.separable >= self.parted and gap.distance > self.apart * gap.spread)
        ):
            return
        yield self.finding(
            f"queries and gallery lie {gap.distance:.2f} apart; a plane parts {share(gap.separable)} of them",
            Evidence(
                label="distance of the centroids",
                measured=gap.distance,
                expected=0.0,
                formula="one shared space",
                note=f"spread of a side {gap.spread:.2f}",
            ),
            Evidence(
                label="held-out rows on the right side of the plane",
                measured=100 * gap.separable,
                expected=50.0,
                formula="one cloud",
                unit="%",
            ),
            severity=Severity.INFO,
            confidence=0.95,
            why="a gallery that mixes both kinds would rank by kind before meaning, and a cosine threshold does not carry over",
            do=("rank each kind by itself, or take off each side's mean row before mixing them",),
            check="subtract each side's mean row and rank again: recall that rises was held down by the gap",
            decided_by="data",
            rank=4,
        )

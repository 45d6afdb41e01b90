"""EMB009: part of the pairs is mismatched."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.diagnosis import Check, Evidence, Finding, RuleMeta, Severity
from traindx.retrieval.checks.subject import Retrieval


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class PairsMismatched(Check[Retrieval]):
    """Most queries find their item near the top, and the rest stand as if they were paired at random.

    ## What it looks at
    Ranks of queries with one right item. A weak model's ranks thin out all the way down; a wrong pairing leaves a flat floor: as many in the
    last quarter of the gallery as in the second, while nearly all others stand in the first twentieth.

    ## Why it matters
    Pairs that do not belong together cap recall, and the same fault in training data raises the loss floor and teaches noise.

    ## What to try
    - Look at ten queries whose item stands in the second half of the gallery: do they belong together?
    - Check joins, sorting and dropped rows between the two files.

    ## When it is wrong
    Where part of the inputs are truly unreadable (empty texts, blank images): they rank at random too.
    """

    meta: ClassVar = RuleMeta(
        code="EMB009", name="pairs-mismatched", since="0.1", summary="part of the queries rank as if paired at random"
    )

    least_share: float = 0.02
    least_count: int = 10
    many: int = 20
    """Beyond the first quarter. From ten to twenty of them say little of a floor's flatness: then nearly all others must stand in the first twentieth."""
    near: float = 0.05
    found: float = 0.9
    found_of_few: float = 0.97
    """Of the queries that are not on the floor, how many must stand in the first twentieth."""
    errors: float = 3.0
    slope: float = 0.5
    """How much more the second quarter may hold than the last: with many queries the least slope is significant."""

    def check(self, subject: Retrieval) -> Iterator[Finding]:
        forward = subject.forward
        n = forward.gallery_size
        if forward.positives != 1 or n < 100 or subject.at_chance:
            return
        ranking = forward.ranking
        places = (ranking.above + ranking.level / 2 + 0.5) / n
        quarters = np.histogram(places, bins=(0, 0.25, 0.5, 0.75, 1.0))[0]
        floor = int(quarters[1:].sum())
        share = floor / 0.75 / len(places)
        others = len(places) * (1 - share)
        if not (share >= self.least_share and floor >= self.least_count and others > 0):
            return
        allowed = max(self.errors * math.sqrt(int(quarters[1]) + int(quarters[3])), self.slope * int(quarters[3]))
        flat = int(quarters[1]) - int(quarters[3]) <= allowed and int(quarters[1]) <= 2 * int(quarters[3])
        near = (float(np.sum(places < self.near)) - share * self.near * len(places)) / others
        if not (flat and near >= (self.found if floor >= self.many else self.found_of_few)):
            return
        error = math.sqrt(floor) / 0.75 / len(places)
        yield self.finding(
            f"about {100 * share:.0f} % of the queries rank as if paired at random, the others near the top",
            Evidence(
                label="queries on a flat floor of ranks",
                measured=100 * share,
                expected=0.0,
                formula="all pairs belong together",
                unit="%",
                note=f"95 %: {100 * max(share - 1.96 * error, 0):.1f} to {100 * (share + 1.96 * error):.1f} %, {floor:,} queries beyond the first quarter",
            ),
            Evidence(label="the others within the first twentieth", measured=min(100 * near, 100.0), unit="%"),
            severity=Severity.WARNING if share < 0.2 else Severity.ERROR,
            confidence=0.85,
            why="a weak model's ranks thin out all the way down; a flat floor is what pairs that do not belong together leave",
            do=(
                "look at ten queries whose item stands in the second half of the gallery",
                "check joins, sorting and dropped rows between the two files",
            ),
            check="ten such pairs that do belong together refute it",
            decided_by="data",
            rank=22,
        )

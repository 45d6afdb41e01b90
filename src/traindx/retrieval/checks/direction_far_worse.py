"""EMB007: one direction is far worse."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.diagnosis import Check, Evidence, Finding, RuleMeta, Severity
from traindx.retrieval.checks.subject import Retrieval
from traindx.retrieval.other_sizes import hits_of_ranking
from traindx.retrieval.spread import mean_spread
from traindx.retrieval.words import share


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class DirectionFarWorse(Check[Retrieval]):
    """One direction of the retrieval is far worse than the other.

    ## What it looks at
    R@1 of both directions in galleries of the same size (the larger one brought down to the smaller, exactly), where their
    intervals do not overlap.

    ## Why it matters
    Both directions rank the same scores. A wide difference comes from items that draw all queries (hubs), from scales that differ between
    rows under the dot product, or from a loss that trains one direction only.

    ## What to try
    - Train the symmetric loss: both directions of the cross-entropy, averaged.
    - Look at hubs and at the lengths of rows.

    ## When it is wrong
    Where one side has several right items a query and the other one: the limit allows for it, but not always in full.
    """

    meta: ClassVar = RuleMeta(
        code="EMB007",
        name="embedding-direction-far-worse",
        since="0.1",
        summary="one direction of retrieval is far worse than the other",
    )

    ratio: float = 2.0
    several: float = 1.5
    """By how much more where queries of one side have several right items: the best of them stands higher by nature."""

    def check(self, subject: Retrieval) -> Iterator[Finding]:
        if subject.backward is None:
            return
        ways = (subject.forward, subject.backward)
        size = min(way.gallery_size for way in ways)
        hits = [hits_of_ranking(way.ranking, "mean", size) for way in ways]
        values = [float(found.mean()) for found in hits]
        spreads = [mean_spread(found, way.clusters) for found, way in zip(hits, ways, strict=True)]
        worse, better = (0, 1) if values[0] < values[1] else (1, 0)
        limit = self.ratio * (1.0 if max(way.positives for way in ways) <= 1 else self.several)
        apart = spreads[worse].high < spreads[better].low
        if not (apart and values[better] > limit * max(values[worse], 1 / size)):
            return
        yield self.finding(
            f"R@1 is {share(values[worse])} {ways[worse].name} and {share(values[better])} {ways[better].name}",
            *(
                Evidence(
                    label=f"R@1 {ways[at].name}",
                    measured=100 * values[at],
                    unit="%",
                    note=f"95 %: {share(spreads[at].low)} to {share(spreads[at].high)}, among {size:,} items",
                )
                for at in (worse, better)
            ),
            severity=Severity.WARNING,
            confidence=0.85,
            why="both directions rank the same scores: a wide difference points to hubs, to lengths, or to a one-sided loss",
            do=("train both directions of the loss", "look at the items that are first most often"),
            check="take off each item's mean score over queries and rank again: the gap closes if hubs made it",
            decided_by="data",
            rank=13,
        )

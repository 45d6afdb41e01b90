"""EMB007: one direction is far worse."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.diagnosis import Check, Evidence, Finding, RuleMeta, Severity
from traindx.retrieval.checks.subject import Retrieval
from traindx.retrieval.words import share


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class DirectionFarWorse(Check[Retrieval]):
    """One direction of the retrieval is far worse than the other.

    ## What it looks at
    R@1 of both directions as multiples of their own chance levels, where their intervals do not overlap.

    ## Why it matters
    Both directions rank the same scores. A wide difference comes from items that draw all queries (hubs), from scales that differ between
    rows under the dot product, or from a loss that trains one direction only.

    ## What to try
    - Train the symmetric loss: both directions of the cross-entropy, averaged.
    - Look at hubs and at the lengths of rows.

    ## When it is wrong
    Where one side has several right items a query and the other one: the multiples of chance allow for it, but not in full.
    """

    meta: ClassVar = RuleMeta(
        code="EMB007",
        name="embedding-direction-far-worse",
        since="0.2",
        summary="one direction of retrieval is far worse than the other",
    )

    ratio: float = 2.0

    def check(self, subject: Retrieval) -> Iterator[Finding]:
        if subject.backward is None:
            return
        ways = [(way, way.measures[0]) for way in (subject.forward, subject.backward)]
        (worse_way, worse), (better_way, better) = sorted(ways, key=lambda pair: pair[1].times_chance)
        limit = self.ratio * (1.0 if max(worse_way.positives, better_way.positives) <= 1 else 1.5)
        clear = worse.high / worse.chance < better.low / better.chance
        if not (clear and better.times_chance > limit * max(worse.times_chance, 1.0)):
            return
        yield self.finding(
            f"{worse.name} is {share(worse.value)} {worse_way.name} and {share(better.value)} {better_way.name}",
            *(
                Evidence(
                    label=f"{m.name} {way.name}",
                    measured=100 * m.value,
                    expected=100 * m.chance,
                    formula=m.formula,
                    unit="%",
                    note=f"95 %: {share(m.low)} to {share(m.high)}",
                )
                for way, m in ((worse_way, worse), (better_way, better))
            ),
            severity=Severity.WARNING,
            confidence=0.85,
            why="both directions rank the same scores: a wide difference points to hubs, to lengths, or to a one-sided loss",
            do=("train both directions of the loss", "look at the items that are first most often"),
            check="take off each item's mean score over queries and rank again: the gap closes if hubs made it",
            decided_by="data",
            rank=13,
        )

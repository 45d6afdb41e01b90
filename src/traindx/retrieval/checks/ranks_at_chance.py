"""EMB001: ranks are no better than random."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.diagnosis import Check, Evidence, Finding, RuleMeta, Severity
from traindx.retrieval.checks.subject import Retrieval
from traindx.retrieval.report import RANKS, Direction
from traindx.retrieval.words import amount, probability, share


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class RanksAtChance(Check[Retrieval]):
    """No metric of the ranking can be told from a random order of the same gallery.

    ## What it looks at
    Hit rates at every cut-off by the exact binomial tail, and the mean reciprocal rank, the median and the mean rank by what luck
    gives them, all for this number of queries, gallery size and number of right items.

    ## Why it matters
    "0.2 %" is chance among 450 items and twenty times chance among 10,000. A model at chance has learnt nothing that ranking
    shows, or its rows are not paired as the evaluation assumes. Ranks that luck would hardly ever make as bad are called worse than
    guessing: right items that stand last are a reversed sign, and no lack of learning.

    ## What to try
    - Check the pairing: row i of one file must belong to row i of the other.
    - Rank 64 training pairs: a model that fits them must find nearly all.

    ## When it is wrong
    With a handful of queries even a fair model cannot be told from luck: the interval says how much is open.
    """

    meta: ClassVar = RuleMeta(
        code="EMB001",
        name="embedding-ranks-at-chance",
        since="0.1",
        summary="no metric can be told from a random ranking",
    )
    condition: ClassVar = "at_chance"

    enough: int = 30
    """With fewer queries nothing at all can be told from chance, which is no fault of the model."""

    def check(self, subject: Retrieval) -> Iterator[Finding]:
        forward = subject.forward
        if not (subject.at_chance and forward.queries >= self.enough and forward.gallery_size > 1):
            return
        if subject.reversed:
            yield from self._reversed(forward)
            return
        head = forward.measures[0]
        yield self.finding(
            f"ranks cannot be told from guessing: {head.name} {share(head.value)}, chance {share(head.chance)} of {forward.gallery_size:,} items",
            *(
                Evidence(
                    label=m.name, measured=m.value, expected=m.chance, formula=m.formula, note=probability(m.p_value)
                )
                for m in forward.measures
                if m.p_value is not None
            ),
            severity=Severity.ERROR,
            confidence=0.99 - 0.3 * (forward.queries < 200),
            why="a random ranking of this gallery does as well: nothing that was learnt reaches the ranks, or the rows are not paired",
            do=(
                "check that row i of the queries belongs to row i of the gallery, or pass the right pairs",
                "rank the embeddings of 64 training pairs: a model that fits them finds nearly all",
            ),
            check="shuffle one side: if recall stays where it is, it was luck",
            decided_by="data",
            rank=30,
        )

    def _reversed(self, forward: Direction) -> Iterator[Finding]:
        """Right items stand at the far end: luck does not do that."""
        mean = next(m for m in forward.measures if m.kind == "mean_rank")
        yield self.finding(
            f"ranks are worse than guessing: right items stand at {amount(mean.value)} of {forward.gallery_size:,} on average",
            *(
                Evidence(
                    label=m.name,
                    measured=m.value,
                    expected=m.chance,
                    formula=m.formula,
                    note=f"as bad by luck: {probability(m.p_worse)}",
                )
                for m in sorted(forward.measures, key=lambda m: m.kind not in RANKS)
                if m.p_worse is not None
            ),
            severity=Severity.ERROR,
            confidence=0.95,
            why="luck does not put right items last: something was learnt, and it is used the wrong way round",
            do=(
                "check the sign: a distance taken for a similarity, one side negated, or a loss that pushes pairs apart",
                "rank with one side negated: recall that rises shows a reversed sign",
            ),
            check="negate one side and rank again: if recall stays at chance, the sign is not reversed",
            decided_by="data",
            rank=30,
        )

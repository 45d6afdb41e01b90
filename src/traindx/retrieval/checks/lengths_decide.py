"""EMB008: lengths of rows decide."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.diagnosis import Check, Evidence, Finding, RuleMeta, Severity
from traindx.retrieval.checks.subject import Retrieval
from traindx.retrieval.words import probability, share
from traindx.signals import mcnemar


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class LengthsDecide(Check[Retrieval]):
    """The dot product and the cosine rank differently, and the one in use is the worse.

    ## What it looks at
    How many of a sample of queries find a right item first by either similarity, by McNemar's exact test, and how far lengths
    of rows vary.

    ## Why it matters
    Under the dot product long rows come first whatever they mean. A model trained on cosines says nothing by its lengths; one trained on dot products may.

    ## What to try
    - Use the similarity of the training loss; normalise rows once, when they are stored.

    ## When it is wrong
    Where lengths were trained to say something, as popularity in recommendation.
    """

    meta: ClassVar = RuleMeta(
        code="EMB008",
        name="lengths-decide",
        since="0.1",
        summary="cosine and dot product rank differently, and one is better",
    )

    significant: float = 0.001
    apart: float = 0.02

    def check(self, subject: Retrieval) -> Iterator[Finding]:
        found = subject.agreement
        if found is None or found.queries < 1:
            return
        cosine, dot = found.cosine / found.queries, found.dot / found.queries
        used, other, name = (dot, cosine, "cosine") if subject.similarity == "dot" else (cosine, dot, "the dot product")
        p_value = mcnemar(found.only_cosine, found.only_dot)
        if not (other - used > self.apart and p_value < self.significant):
            return
        spread = subject.items.length_spread if subject.items is not None else float("nan")
        yield self.finding(
            f"{name} finds {share(other)} of sampled queries first, the {subject.similarity} in use {share(used)}",
            Evidence(
                label="found first by cosine", measured=100 * cosine, unit="%", note=f"{found.only_cosine} by it alone"
            ),
            Evidence(
                label="found first by the dot product",
                measured=100 * dot,
                unit="%",
                note=f"{found.only_dot} by it alone, McNemar {probability(p_value)}",
            ),
            Evidence(label="spread of the items' lengths", measured=spread, note="standard deviation over mean"),
            severity=Severity.WARNING,
            confidence=0.9,
            why="lengths of rows decide part of the ranks",
            do=(f"rank by {name}, or ask which of the two the training loss used",),
            check=f"the whole evaluation with --similarity {'cosine' if subject.similarity == 'dot' else 'dot'}",
            decided_by="data",
            rank=15,
        )

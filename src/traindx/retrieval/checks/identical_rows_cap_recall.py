"""EMB006: identical rows cap recall."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.diagnosis import Check, Evidence, Finding, RuleMeta, Severity
from traindx.retrieval.checks.subject import Retrieval
from traindx.retrieval.words import share


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class IdenticalRowsCapRecall(Check[Retrieval]):
    """Rows of the gallery or of the queries are identical, so that no model can reach full recall.

    ## What it looks at
    Rows that are equal to the last bit, and the best hit rates and reciprocal ranks that any order of them can reach with the
    right items as they are told.

    ## Why it matters
    Of two identical items one is called wrong, whatever the model does: with every item twice R@1 ends at 50 %. Progress below the
    ceiling looks like a plateau.

    ## What to try
    - Merge identical items, or tell all of them as right (several right items for a query).
    - If their inputs differ, look at the encoder: truncation and missing media make different inputs equal.

    ## When it is wrong
    Never of the ceiling; whether the inputs are identical too, the embeddings cannot say.
    """

    meta: ClassVar = RuleMeta(
        code="EMB006", name="identical-rows-cap-recall", since="0.1", summary="identical rows keep recall below 100 %"
    )

    lost: float = 0.01
    """Ceilings above 99 % are within what intervals leave open anyway."""

    def check(self, subject: Retrieval) -> Iterator[Finding]:
        top = subject.ceiling
        if top is None or subject.collapsed:
            return
        first = top.hit_rates[0]
        if not 1 - first[1] >= self.lost and not 1 - top.mrr >= self.lost:
            return
        measured = subject.forward.get(f"R@{first[0]}")
        yield self.finding(
            f"identical rows keep R@{first[0]} at or below {share(first[1])} and MRR at or below {top.mrr:.3f}",
            Evidence(
                label=f"best reachable R@{first[0]}",
                measured=100 * first[1],
                expected=100.0,
                formula="all rows different",
                unit="%",
            ),
            Evidence(
                label="identical rows",
                measured=float(top.items + top.queries),
                note=f"{top.items:,} of the gallery, {top.queries:,} of the queries equal an earlier row; {top.capped:,} queries are capped",
            ),
            *(
                (
                    Evidence(
                        label=f"measured R@{first[0]} of what can be reached",
                        measured=100 * measured.value / first[1],
                        unit="%",
                    ),
                )
                if measured is not None and first[1] > 0
                else ()
            ),
            severity=Severity.WARNING,
            confidence=0.97,
            why="of two identical items one is called wrong, whatever the model does",
            do=(
                "merge identical items, or tell all of them as right",
                "if their inputs differ, look for truncation or missing media before the encoder",
            ),
            check="compare the inputs of two identical rows",
            decided_by="data",
            rank=16,
        )

"""EMB011: queries without a right item."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.diagnosis import Check, Evidence, Finding, RuleMeta, Severity
from traindx.retrieval.checks.subject import Retrieval


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class QueriesWithoutItems(Check[Retrieval]):
    """Some queries have no right item in the gallery.

    ## What it looks at
    The number of right items that are told for each query.

    ## Why it matters
    They cannot be found: counted as misses they cap recall, left out they flatter it. The figures here leave them out, and say so.

    ## What to try
    - Check the ids on both sides: missing files, another spelling, a split by another key.

    ## When it is wrong
    Where queries without an answer belong to the task; then a threshold must be judged, not a ranking.
    """

    meta: ClassVar = RuleMeta(
        code="EMB011",
        name="queries-without-items",
        since="0.1",
        summary="some queries have no right item in the gallery",
    )

    def check(self, subject: Retrieval) -> Iterator[Finding]:
        for way in (subject.forward, subject.backward):
            if way is None or not way.without:
                continue
            total = way.queries + way.without
            backward = way is subject.backward
            yield self.finding(
                f"{way.without:,} of {total:,} {'items belong to no query' if backward else 'queries have no right item'} and are left out",
                Evidence(label=f"without a right item, {way.name}", measured=float(way.without), expected=0.0),
                severity=Severity.INFO if backward else Severity.WARNING,
                confidence=1.0,
                why="counted as misses they would cap recall, left out they flatter it",
                do=("check the ids on both sides: missing files, another spelling, a split by another key",),
                check="the list of right items names each of them",
                decided_by="data",
                rank=2 if backward else 18,
            )

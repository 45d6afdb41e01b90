"""DET008: the detector counts every query as an object, or counts none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.context import FACTS, READINGS, Case, Reading
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.evidence import come_far
from traindx.rules.pairing import plain
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class EveryQueryCounts(Rule):
    """The error in the number of objects stays near the number of queries.

    ## What it looks at
    The cardinality error of a set-prediction detector: how far the number of queries that are not called "no object" is from
    the number of objects. It stays above 85 % of all queries, without falling.

    ## Why it matters
    Nearly every query is counted as an object. In a model that trains, most queries say "no object" within the first epoch. The
    index of that class is then not the last one, or its weight is zero.

    ## What to try
    - Let "no object" be the last output, index `num_classes`, in the loss and in the post-processing.
    - Check its weight in the cross-entropy (0.1 is usual, not 0).

    ## When it is wrong
    Detectors with a sigmoid per class have no such class: their cardinality error is always the number of queries.
    """

    meta: ClassVar = RuleMeta(
        code="DET008", name="every-query-counts", since="0.1", summary="nearly every query is counted as an object"
    )
    needs: ClassVar = (READINGS, FACTS)

    points: int = 10
    share: float = 0.85
    usual: tuple[int, ...] = (100, 300, 900)
    """Numbers of queries of the well-known detectors, where none is known."""

    def check(self, case: Case) -> Iterator[Finding]:
        known = case[FACTS].get("num_queries")
        for reading in plain(case[READINGS], "cardinality_error"):
            curve = reading.curve
            assert curve is not None
            counts = (int(known.value),) if known is not None else self.usual
            level = curve.end.value
            queries = next((n for n in counts if self.share * n <= min(level, curve.best.value) and level <= n), None)
            if queries is not None and curve.count >= self.points and come_far(reading):
                yield self._describe(case, reading, queries, known=known is not None)
                return

    def _describe(self, case: Case, reading: Reading, queries: int, *, known: bool) -> Finding:
        assert reading.curve is not None
        return self.finding(
            f"{reading.name} stays at {reading.curve.end.value:.4g}: nearly all of {queries} queries are counted as objects",
            Evidence(
                label=f"last {reading.name}",
                measured=reading.curve.end.value,
                expected=0.1 * queries,
                formula="most queries say 'no object' within the first epoch",
                span=case.span(reading.series),
                note="" if known else f"{queries} queries are assumed",
            ),
            severity=Severity.INFO,
            confidence=0.75 if known else 0.6,
            why="with a softmax, the class 'no object' is not where the loss looks for it; with a sigmoid per class this is always so",
            do=("let 'no object' be the last output, in the loss and in the post-processing",),
            check="print(outputs['pred_logits'].argmax(-1).flatten().bincount())",
            rank=18,
        )

"""RET005: accuracy inside a batch is saturated, and nothing is known about a gallery."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.baselines import recall_at_other_gallery
from traindx.context import FACTS, LOSS_FAMILY, READINGS, Case, Reading
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.pairing import plain
from traindx.rules.rule import Rule, RuleMeta

_RANKED = frozenset({"recall_at_k", "hit_rate", "mrr", "median_rank", "mean_rank", "ndcg", "map"})
_GALLERY = 10_000


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class BatchAccuracyOnly(Rule):
    """Nearly every item of a batch finds its partner, and no ranking over a gallery is logged.

    ## What it looks at
    The accuracy beside a contrastive loss, and whether any recall, rank or reciprocal rank is logged at all.

    ## Why it matters
    Picking among the few items of a batch is easy: 97 % among 256 are about 83 % among ten thousand, and the last per cent of
    a batch hides all the difference between models.

    ## What to try
    - Rank a fixed held-out gallery of a thousand items or more once per epoch; log recall, median rank and its size.

    ## When it is wrong
    Where the batch is the gallery that the model will be used with.
    """

    meta: ClassVar = RuleMeta(
        code="RET005",
        name="batch-accuracy-only",
        since="0.1",
        summary="in-batch accuracy is saturated and no gallery is ranked",
    )
    needs: ClassVar = (READINGS, LOSS_FAMILY)
    may_use: ClassVar = (FACTS,)

    saturated: float = 0.95

    def check(self, case: Case) -> Iterator[Finding]:
        if case[LOSS_FAMILY] not in ("info_nce", "clip", "siglip"):
            return
        if any(r.role.kind in _RANKED for r in case[READINGS]):
            return
        for reading in plain(case[READINGS], "accuracy"):
            assert reading.curve is not None
            share = reading.curve.end.value / reading.full
            if self.saturated <= share <= 1 and reading.role.k in (None, 1):
                yield self._describe(case, reading, share)
                return

    def _describe(self, case: Case, reading: Reading, share: float) -> Finding:
        fact = (case.get(FACTS) or {}).get("negatives") or (case.get(FACTS) or {}).get("batch_size")
        batch = int(fact.value) if fact is not None else 0
        known = 1 < batch < _GALLERY and share < 1
        expected = recall_at_other_gallery(share, batch, _GALLERY).value if known else None
        more = f"; among {_GALLERY:,} that is about {100 * expected:.0f} %" if expected is not None else ""
        return self.finding(
            f"{reading.name} is {100 * share:.4g} % among the items of a batch{more}, and no gallery is ranked",
            Evidence(
                label=f"last {reading.name}",
                measured=round(100 * share, 6),
                expected=round(100 * expected, 6) if expected is not None else None,
                formula=f"the same margin among {_GALLERY} items instead of {batch}" if expected is not None else "",
                unit="%",
                span=case.span(reading.series),
            ),
            severity=Severity.INFO,
            confidence=0.85,
            why="picking among the few items of a batch is easy, and its last per cent hides the difference between models",
            do=("rank a fixed held-out gallery of a thousand items or more once per epoch; log its size with it",),
            check="recall at 1 over the whole validation set",
            rank=10,
        )

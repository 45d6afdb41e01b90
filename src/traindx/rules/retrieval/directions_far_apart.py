"""RET006: one direction of retrieval is far worse than the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import ClassVar, final

from traindx.context import METRICS, Case, Reading
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.pairing import plain
from traindx.rules.retrieval.shares import last_share
from traindx.rules.rule import Rule, RuleMeta

_WAYS = frozenset({"t2i", "i2t", "t2a", "a2t", "t2v", "v2t"})


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class DirectionsFarApart(Rule):
    """Recall in one direction is far below recall in the other.

    ## What it looks at
    The last recall at one cut-off of the same evaluation, from text to the other kind and back.

    ## Why it matters
    One softmax trains both directions alike. Where one lies at a third of the other and more, the loss is taken over one axis
    only, the similarity matrix is transposed in the evaluation, or a few items are near to every query (hubs).

    ## What to try
    - Check that the loss is the mean over rows and columns, and that the evaluation ranks along the right axis.
    - Divide by the item's mean similarity to all queries: a large gain means hubs.

    ## When it is wrong
    Galleries of different size, or five captions per picture: hits among five count up to one and a half times as often.
    """

    meta: ClassVar = RuleMeta(
        code="RET006",
        name="directions-far-apart",
        since="0.1",
        summary="one direction of retrieval is far worse than the other",
    )
    needs: ClassVar = (METRICS,)

    apart: float = 2.5
    """Five captions per picture make the two differ by one and a half; two and a half needs another reason."""

    dead: float = 8.0
    least: float = 0.02
    """Under two per cent, single hits make any ratio."""

    def check(self, case: Case) -> Iterator[Finding]:
        hits = [r for r in plain(case[METRICS], "recall_at_k", "hit_rate") if _WAYS & set(r.role.part.split())]
        for one, other in combinations(hits, 2):
            role = one.role
            if (role.k, role.split) != (other.role.k, other.role.split) or role.part == other.role.part:
                continue
            low, high = sorted((one, other), key=last_share)
            worse, better = last_share(low), last_share(high)
            if better > self.least and worse >= 0 and better > self.apart * worse:
                yield self._describe(case, low, high, better / max(worse, 1e-9))
                return

    def _describe(self, case: Case, low: Reading, high: Reading, ratio: float) -> Finding:
        assert low.curve is not None
        assert high.curve is not None
        dead = ratio > self.dead
        return self.finding(
            f"{low.name} is {100 * last_share(low):.3g} % and {high.name} {100 * last_share(high):.3g} %: one direction is {'all but dead' if dead else 'far worse'}",
            Evidence(
                label=f"last {low.name}",
                measured=round(100 * last_share(low), 6),
                expected=round(100 * last_share(high), 6),
                formula=f"{high.name}; both directions are trained by one matrix",
                unit="%",
                span=case.span(low.series),
            ),
            severity=Severity.WARNING if dead else Severity.INFO,
            confidence=0.8,
            why="the loss is taken over one axis only, the evaluation ranks along the wrong one, or a few items are near to every query",
            do=(
                "check that the loss is the mean over rows and columns of the similarity matrix",
                "count how often each item is ranked first: a few that always are, are hubs",
            ),
            check="rank both directions from one saved similarity matrix and from its transpose",
            rank=27,
        )

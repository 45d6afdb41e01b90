"""SSL002: all embeddings are alike."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.baselines import healthy_output_std
from traindx.context import FACTS, READINGS, Case
from traindx.diagnosis import Finding, Severity
from traindx.rules.choosing import across, fact_number, level_of, longest_of
from traindx.rules.evidence import come_far
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class FeaturesCollapsed(Rule):
    """The spread of the embeddings over a batch has gone to zero: all inputs look alike to the model.

    ## What it looks at
    The logged standard deviation of the embeddings over the last third of the run: against a tenth of 1/sqrt(d), which
    unit vectors that spread evenly have, where the dimension d is known; else against 0.001 and its own best.

    ## Why it matters
    Without negatives, giving one answer to everything is the cheapest way to agree with oneself. The loss looks perfect
    then.

    ## What to try
    - Check that the gradient is stopped on one branch, that the predictor is there, and that its learning rate does not
      decay.
    - Batch normalisation in the projector; a lower learning rate; a variance term.

    ## When it is wrong
    Spreads of something that is neither normalised nor of order one.
    """

    meta: ClassVar = RuleMeta(
        code="SSL002", name="features-collapsed", since="0.1", summary="all embeddings of a batch are alike"
    )
    needs: ClassVar = (READINGS,)
    may_use: ClassVar = (FACTS,)
    condition: ClassVar = "collapsed"
    explained_by: ClassVar = ("NAN001", "NAN002")

    points: int = 10
    share: float = 0.1
    nothing: float = 1e-3
    """1/sqrt(d) falls so low only at a million dimensions."""

    lost_share: float = 0.8

    def check(self, case: Case) -> Iterator[Finding]:
        spread = longest_of(case, "feature_std", None)
        if spread is None or spread.curve is None or spread.curve.count < self.points or not come_far(spread):
            return
        now, best = level_of(spread, 2 / 3), max(level_of(spread, 0.0, 0.1), level_of(spread))
        size = fact_number(case, "embedding_dim")
        healthy = healthy_output_std(int(size)) if size >= 2 else math.nan
        limit = self.share * healthy if healthy == healthy else self.nothing
        if not 0 <= now <= limit or (healthy != healthy and not now <= max((1 - self.lost_share) * best, 1e-5)):
            return
        yield self.finding(
            f"{spread.name} is {now:.2g} over the last third of the run: all inputs get the same embedding",
            across(
                case,
                spread,
                f"{spread.name} over the last third",
                now,
                first=2 / 3,
                expected=healthy if healthy == healthy else best,
                formula=f"1/sqrt({size:.0f})" if healthy == healthy else "its level before",
            ),
            severity=Severity.ERROR,
            confidence=0.95 if healthy == healthy else 0.85,
            why="one answer to everything agrees with itself: the loss is best where nothing is learnt",
            do=(
                "check the stopped gradient, the predictor and the normalisation of the projector",
                "lower the learning rate, or add a variance term",
            ),
            check="nearest neighbours of ten inputs: the same for all confirms it",
            rank=86,
        )

"""SSL004: a triplet loss stands exactly at its margin."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.baselines import triplet_chance
from traindx.context import FACTS, READINGS, Case, Reading
from traindx.diagnosis import Finding, Severity
from traindx.rules.choosing import across, fact_number, level_of, readings_of, sample
from traindx.rules.evidence import come_far
from traindx.rules.rule import Rule, RuleMeta
from traindx.signals import robust_sd

# Margins in use, and the soft margin, whose loss at equal distances is ln 2.
_USUAL = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0, 1.5, 2.0, 5.0, math.log(2))


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class TripletAtMargin(Rule):
    """A triplet loss stands exactly at its margin: all embeddings are alike.

    ## What it looks at
    A triplet loss over the last half of the run, against the known margin or the usual ones, and against ln 2 for the
    soft margin; and its scatter, which is nearly nothing where all distances are equal.

    ## Why it matters
    With all embeddings in one point, the distances to positives and negatives are both zero, and the loss is the
    margin, whatever the batch. Hard mining drives a model there when it begins with negatives that are too hard.

    ## What to try
    - Begin with all triplets or semi-hard ones, mine hard ones later; a lower learning rate.
    - Normalise embeddings; use a soft margin, or a softmax over the batch.

    ## When it is wrong
    A mean over those triplets alone that violate the margin also stays near it; there it scatters.
    """

    meta: ClassVar = RuleMeta(
        code="SSL004", name="triplet-at-margin", since="0.1", summary="a triplet loss stands exactly at its margin"
    )
    needs: ClassVar = (READINGS,)
    may_use: ClassVar = (FACTS,)
    condition: ClassVar = "at_chance"
    explained_by: ClassVar = ("SSL002", "NAN001", "NAN002")

    points: int = 20
    near: float = 0.005
    """Half a per cent: distances of 1e-3 beside a margin of 0.2."""

    quiet: float = 0.003

    def check(self, case: Case) -> Iterator[Finding]:
        told = fact_number(case, "margin")
        for loss in readings_of(case, "loss", None, ("triplet",)):
            if loss.held_out or loss.curve is None or loss.curve.count < self.points or not come_far(loss):
                continue
            margin = self._stands_at(loss, (told,) if told > 0 else _USUAL)
            if margin is not None:
                yield self._describe(case, loss, margin, known=told > 0)
                return

    def _stands_at(self, loss: Reading, margins: tuple[float, ...]) -> float | None:
        late, last = level_of(loss, 0.5), level_of(loss, 0.9)
        if not robust_sd(sample(loss, 0.5)) <= self.quiet * abs(late):
            return None
        near = (m for m in margins if max(abs(late - m), abs(last - m)) <= self.near * m)
        return next(near, None)

    def _describe(self, case: Case, loss: Reading, margin: float, *, known: bool) -> Finding:
        now, soft = level_of(loss, 0.5), margin == math.log(2)
        formula = "ln 2, a soft margin" if soft else triplet_chance(margin).formula
        return self.finding(
            f"{loss.name} stands at {now:.4g}, its margin ({formula}): all embeddings are alike",
            across(case, loss, f"{loss.name} over the last half", now, first=0.5, expected=margin, formula=formula),
            severity=Severity.ERROR,
            confidence=0.95 if known else 0.9,
            why="with all embeddings in one point both distances are zero, and the loss is the margin for every batch",
            do=(
                "begin with all triplets or semi-hard ones, and mine hard ones later",
                "lower the learning rate, normalise embeddings, or use a soft margin",
            ),
            check="the standard deviation of the embeddings over a batch: 0 confirms it",
            decided_by="facts" if known else "log",
            rank=86,
        )

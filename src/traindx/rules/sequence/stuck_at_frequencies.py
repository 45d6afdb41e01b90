"""SEQ003: a language model that has learnt how often tokens occur, and no more."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.context import FACTS, LOSS_FAMILY, TRAIN_LOSS, Case
from traindx.diagnosis import Finding, Severity
from traindx.rules.choosing import across, fact_number, first_of, level_of
from traindx.rules.evidence import come_far
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class StuckAtFrequencies(Rule):
    """A language model trained from scratch stands at 62 to 80 % of ln V: about what token frequencies alone give.

    ## What it looks at
    The training loss of a model that started near ln V (V tokens in the vocabulary), over the last two quarters of the run:
    flat within one per cent.

    ## Why it matters
    The first knee of every such curve is the entropy of the token frequencies, about two thirds of ln V for text. A
    model that stays there does not use the context: labels shuffled against inputs, a mask that hides everything,
    positions lost, a learning rate far too low.

    ## What to try
    - Compute the entropy of the token frequencies of your data: a loss at it confirms the finding.
    - Overfit one batch.

    ## When it is wrong
    Codes of pictures or sound, whose entropy is high by nature: three quarters of ln V may be a good model there.
    """

    meta: ClassVar = RuleMeta(
        code="SEQ003", name="stuck-at-frequencies", since="0.1", summary="a language model that ignores the context"
    )
    needs: ClassVar = (TRAIN_LOSS, LOSS_FAMILY, FACTS)
    explained_by: ClassVar = ("BAS001", "BAS002", "PRO001", "DIV001", "DIV002", "NAN001")

    fewest_tokens: float = 1_000.0
    """Vocabularies of bytes and characters have bigram and unigram levels that lie close together."""

    lowest: float = 0.62
    highest: float = 0.80
    flat: float = 0.01
    near_start: float = 0.10
    points: int = 20

    def check(self, case: Case) -> Iterator[Finding]:
        loss, tokens = case[TRAIN_LOSS], fact_number(case, "vocab_size")
        if loss.curve is None or case[LOSS_FAMILY] != "cross_entropy" or not tokens >= self.fewest_tokens:
            return
        top = math.log(tokens)
        before, now = level_of(loss, 0.5, 0.75), level_of(loss, 0.75)
        from_scratch = abs(first_of(loss) - top) <= self.near_start * top
        flat = abs(now - before) <= self.flat * top and self.lowest * top <= now <= self.highest * top
        if loss.curve.count < self.points or not (from_scratch and flat and come_far(loss)):
            return
        yield self.finding(
            f"{loss.name} stands at {now:.4g}, {100 * now / top:.0f} % of ln {tokens:.0f}: about what token frequencies alone give",
            across(
                case,
                loss,
                f"{loss.name} over the last quarter",
                now,
                first=0.75,
                expected=0.68 * top,
                formula="two thirds of ln V, for text",
                unit="nats",
            ),
            severity=Severity.INFO,
            confidence=0.6,
            why="a model that stays at the first knee does not use the context",
            do=(
                "compute the entropy of your token frequencies and compare",
                "overfit one batch; check labels, mask and positions",
            ),
            check="shuffle the context tokens: an unchanged loss confirms it",
            decided_by="facts",
            rank=21,
        )

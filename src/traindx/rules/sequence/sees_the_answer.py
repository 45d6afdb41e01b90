"""SEQ004: a language model that sees the token that it must predict."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import COMPONENTS, FACTS, READINGS, TASKS, TRAIN_LOSS, Case, Reading
from traindx.diagnosis import Finding, Severity
from traindx.rules.choosing import across, fact_number, first_of, level_of, longest_of
from traindx.rules.evidence import come_far
from traindx.rules.rule import Rule, RuleMeta
from traindx.signals import exponential


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SeesTheAnswer(Rule):
    """A language model trained from scratch predicts nearly every token within the first fifth of the run.

    ## What it looks at
    The training loss (or ln perplexity) of a model that started near ln V: its level from a tenth to a fifth of the run, and
    at the end, against 0.1 nats, a perplexity of 1.1.

    ## Why it matters
    Text has an entropy of its own, one to three nats per token: no model predicts new text nearly without error. One
    that does sees the answer: the mask lets it look ahead, labels are not shifted, or the target is part of the input.

    ## What to try
    - Change one future token: earlier logits must not move.
    - Check who shifts the labels, the model or the data: exactly one of them must.

    ## When it is wrong
    A handful of texts that are learnt by heart on purpose; languages with very few sentences.
    """

    meta: ClassVar = RuleMeta(
        code="SEQ004", name="sees-the-answer", since="0.1", summary="a language model sees what it must predict"
    )
    needs: ClassVar = (READINGS, TASKS)
    may_use: ClassVar = (TRAIN_LOSS, FACTS, COMPONENTS)

    points: int = 30
    nothing: float = 0.1
    near_start: float = 0.25
    fewest_tokens: float = 256.0

    def check(self, case: Case) -> Iterator[Finding]:
        if case[TASKS] & {"reinforcement", "preference", "transcription", "gan", "variational"}:
            return
        found = self._nats(case)
        if found is None or not come_far(found[0]):
            return
        reading, begun, early, late = found
        if not max(early, late) <= self.nothing or not min(early, late) >= 0:
            return
        epochs = reading.series.epochs
        once = bool(np.isfinite(epochs).any()) and float(np.fmax.reduce(epochs, initial=0.0)) <= 1.0
        yield self.finding(
            f"{reading.name} fell to a perplexity of {exponential(early):.3g} within the first fifth of the run, from {exponential(begun):.4g}: the model sees the answer",
            across(
                case,
                reading,
                "loss from a tenth to a fifth of the run",
                early,
                first=0.1,
                expected=self.nothing,
                formula="text has an entropy of one to three nats per token",
                unit="nats",
            ),
            severity=Severity.ERROR if once else Severity.WARNING,
            confidence=0.9 if once else 0.75,
            why="no model predicts new text nearly without error: the mask looks ahead, or labels are not shifted"
            + ("; within one epoch nothing can be learnt by heart" if once else ""),
            do=(
                "change one future token: earlier logits must not move",
                "make sure that labels are shifted exactly once, by the model or by the data",
            ),
            check="generate from a prompt: text that makes no sense confirms it",
            rank=69,
        )

    def _nats(self, case: Case) -> tuple[Reading, float, float, float] | None:
        """A series, and its start, early and late level in nats; None where nothing tells of a start near ln V."""
        loss, tokens = case.get(TRAIN_LOSS), fact_number(case, "vocab_size")
        if loss is not None and loss.curve is not None and loss.curve.count >= self.points:
            top, start = math.log(tokens) if tokens >= self.fewest_tokens else math.nan, first_of(loss)
            if loss.role.family in (None, "cross_entropy") and abs(start - top) <= self.near_start * top:
                return loss, start, level_of(loss, 0.1, 0.2), level_of(loss, 0.9)
        spread = longest_of(case, "perplexity")
        coded = any(
            "vq" in (r.role.component or "") or "commit" in (r.role.component or "") for r in case.get(COMPONENTS) or ()
        )
        if spread is None or spread.curve is None or spread.curve.count < self.points or coded or spread.held_out:
            return None
        levels = (first_of(spread), level_of(spread, 0.1, 0.2), level_of(spread, 0.9))
        if not (levels[0] >= self.fewest_tokens and min(levels) >= 1):
            return None
        return spread, math.log(levels[0]), math.log(levels[1]), math.log(levels[2])

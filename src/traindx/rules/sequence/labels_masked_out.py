"""SEQ005: no label is left to learn from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import GRAD_NORM, READINGS, TASKS, TRAIN_LOSS, Case, Reading, has_task
from traindx.diagnosis import Finding, Severity
from traindx.rules.choosing import across
from traindx.rules.rule import Rule, RuleMeta
from traindx.run import Floats

# Losses that are exactly zero where every example is already right, or where there is but one candidate.
_ZERO_BY_ITSELF = frozenset({"triplet", "info_nce", "siglip", "supcon", "gan_generator", "gan_discriminator", "grpo"})
_TEXT = frozenset({"token_accuracy", "num_tokens_seen", "perplexity", "completion_length", "bits_per_byte"})


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class LabelsMaskedOut(Rule):
    """Loss and gradient norm are exactly zero: no label is left to learn from.

    ## What it looks at
    The share of points at which the training loss is exactly 0, and that at which the gradient norm is exactly 0 and finite.

    ## Why it matters
    A cross-entropy is never exactly zero, and neither is its gradient. Both at once mean that every label of the batch
    was ignored: the truncation took the answer away, or the template marks nothing as the assistant's. (With a gradient
    norm of NaN, a zero is a NaN in disguise.)

    ## What to try
    - Print the labels of one batch: anything but -100?
    - Raise the longest length, truncate prompts in place of answers, check the response template.

    ## When it is wrong
    Losses with a margin, which are zero where all examples are right.
    """

    meta: ClassVar = RuleMeta(
        code="SEQ005", name="labels-masked-out", since="0.1", summary="loss and gradient are exactly zero"
    )
    needs: ClassVar = (TRAIN_LOSS, GRAD_NORM)
    may_use: ClassVar = (TASKS, READINGS)
    condition: ClassVar = "at_chance"
    explained_by: ClassVar = ("NAN001", "NAN002", "OPT001", "RLF001")

    nearly_all: float = 0.95
    some: float = 0.2
    sure_points: int = 10
    fewest: int = 3

    def check(self, case: Case) -> Iterator[Finding]:
        loss, norm = case[TRAIN_LOSS], case[GRAD_NORM]
        if has_task(case, {"reinforcement"}) or loss.role.family in _ZERO_BY_ITSELF:
            return
        if min(len(loss.series), len(norm.series)) < self.fewest or not bool(np.isfinite(norm.series.values).all()):
            return
        share, still = _zeros(loss.series.values), _zeros(norm.series.values)
        early = _zeros(loss.series.values[: max(self.fewest, len(loss.series) // 10)])
        if min(share, still) >= self.nearly_all:
            sure = len(loss.series) >= self.sure_points
            yield self._describe(case, loss, share, Severity.ERROR if sure else Severity.WARNING)
        elif self.some <= share and abs(share - still) <= 0.05 and early >= 0.5 * share and self._is_text(case):
            yield self._describe(case, loss, share, Severity.WARNING, condition=None)

    def _is_text(self, case: Case) -> bool:
        return any(r.role.kind in _TEXT for r in case.get(READINGS) or ())

    def _describe(self, case: Case, loss: Reading, share: float, severity: Severity, **more: str | None) -> Finding:
        return self.finding(
            f"{loss.name} and gradient norm are exactly 0 at {100 * share:.0f} % of {len(loss.series)} points: no label is left to learn from",
            across(case, loss, f"share of points at which {loss.name} is exactly 0", share, expected=0.0),
            severity=severity,
            confidence=0.9 if severity is Severity.ERROR else 0.75,
            why="a cross-entropy is never exactly zero: all labels of such a batch were ignored",
            do=(
                "print the labels of one batch: anything but the ignored index?",
                "raise the longest length, and cut prompts rather than answers",
                "check the template that marks the answer",
            ),
            check="count the labels per batch that are not ignored: 0 confirms it",
            rank=86,
            **more,
        )


def _zeros(values: Floats) -> float:
    return float(np.count_nonzero(values == 0.0)) / max(1, len(values))

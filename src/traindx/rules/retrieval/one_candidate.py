"""RET002: the contrastive loss is exactly zero: there is one candidate to choose from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import FACTS, LOSS_FAMILY, TRAIN_LOSS, Case
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.rule import Rule, RuleMeta

_PICK_ONE = frozenset({"info_nce", "clip", "supcon"})


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class OneCandidate(Rule):
    """The contrastive loss is exactly zero from the first step on.

    ## What it looks at
    A loss that picks the right one among the items of a batch, and is zero at nearly all points.

    ## Why it matters
    Among one candidate every model picks the right one: ln 1 = 0, whatever it does. There is no gradient, and nothing is
    learnt. It happens with one pair per device whose negatives are not gathered from the others.

    ## What to try
    - At least 32 pairs per device; gather embeddings from all devices before the loss.
    - Gradient accumulation adds no candidates: keep a queue of embeddings, or cache them.

    ## When it is wrong
    Where zero is printed for a term that is switched off.
    """

    meta: ClassVar = RuleMeta(
        code="RET002", name="one-candidate", since="0.1", summary="a contrastive loss of zero has one candidate"
    )
    needs: ClassVar = (TRAIN_LOSS, LOSS_FAMILY)
    may_use: ClassVar = (FACTS,)
    condition: ClassVar = "at_chance"
    explained_by: ClassVar = ("NAN002",)

    points: int = 5
    zero: float = 1e-6
    """Float rounding leaves less than this of ln 1."""

    share: float = 0.95

    def check(self, case: Case) -> Iterator[Finding]:
        series = case[TRAIN_LOSS].series
        if case[LOSS_FAMILY] not in _PICK_ONE or len(series) < self.points:
            return
        nothing = np.abs(series.values) <= self.zero
        if not (float(np.mean(nothing)) >= self.share and bool(nothing[0])):
            return
        batch = (case.get(FACTS) or {}).get("batch_size")
        yield self.finding(
            f"{series.name} is 0 at {int(nothing.sum())} of {len(series)} points: a choice among one candidate",
            Evidence(
                label=f"typical {series.name}",
                measured=0.0,
                expected=0.0,
                formula="ln 1",
                unit="nats",
                span=case.span(series),
                note=f"batch_size {batch.value} ({batch.origin})" if batch is not None else "",
            ),
            severity=Severity.ERROR,
            confidence=0.95,
            why="among one candidate every model picks the right one: there is no gradient, and nothing is learnt",
            do=(
                "use at least 32 pairs per device, and gather embeddings from all devices before the loss",
                "accumulation adds no candidates: keep a queue of embeddings instead",
            ),
            check="print(logits.shape): the second number must be the candidates, and more than 1",
            rank=70,
        )

"""DET001: average precision stays at exactly zero while the loss falls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import METRICS, TRAIN_LOSS, Case, Reading
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.evidence import come_far
from traindx.rules.pairing import plain
from traindx.rules.rule import Rule, RuleMeta

_PROBE = "for b, l, s in zip(out['boxes'][:5], out['labels'][:5], out['scores'][:5]): print(b.tolist(), int(l), float(s)); print(target['boxes'][:5].tolist(), target['labels'][:5].tolist())"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class NothingFound(Rule):
    """Average precision is exactly zero at every evaluation, while the training loss falls.

    ## What it looks at
    Three evaluations or more, all of them zero as printed, beside a training loss that has come down by a fifth.

    ## Why it matters
    The loss learns something, and the evaluation sees nothing of it: labels that start at 0 in one place and at 1 in the other,
    boxes as corners here and as centre and size there, relative coordinates against pixels, or a number of classes
    that leaves no room for the last one.

    ## What to try
    - Print five predicted boxes with label and score beside the true ones, in the form in which the evaluation gets them.
    - Evaluate the true boxes as if they were predictions: the precision must be 1.

    ## When it is wrong
    In the first epochs of a detector from scratch, or on very few pictures.
    """

    meta: ClassVar = RuleMeta(
        code="DET001", name="nothing-found", since="0.1", summary="average precision is zero while the loss falls"
    )
    needs: ClassVar = (METRICS, TRAIN_LOSS)

    evaluations: int = 3
    fallen: float = 0.2
    """The loss of a detector falls by a fifth within its first epochs; precision follows by then."""

    def check(self, case: Case) -> Iterator[Finding]:
        loss = case[TRAIN_LOSS]
        precision = plain(case[METRICS], "map", "average_precision")
        judged = [r for r in precision if len(r.series.finite()) >= self.evaluations]
        if not judged or loss.curve is None or not come_far(loss):
            return
        moved = loss.curve.gained > self.fallen * abs(loss.curve.start.value)
        if moved and all(bool((np.abs(r.series.finite().values) <= 0).all()) for r in judged):
            yield self._describe(case, judged[0], loss)

    def _describe(self, case: Case, reading: Reading, loss: Reading) -> Finding:
        assert loss.curve is not None
        return self.finding(
            f"{reading.name} is exactly 0 at {len(reading.series)} evaluations while {loss.name} fell from {loss.curve.start.value:.4g} to {loss.curve.end.value:.4g}",
            Evidence(
                label=f"highest {reading.name}",
                measured=0.0,
                formula="above 0 once the loss has come down",
                span=case.span(reading.series),
            ),
            severity=Severity.INFO,
            confidence=0.85,
            why="the evaluation does not see what the loss learns: label ids, box format, coordinates or the number of classes differ",
            do=(
                "print five predicted boxes beside the true ones, in the form in which the evaluation gets them",
                "evaluate the true boxes as predictions: the precision must be 1",
            ),
            check=_PROBE,
            decided_by="data",
            rank=19,
        )

"""RET003: the logit scale stands at its clamp, or has gone to nothing, while the loss is at chance."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import JUDGED_LOSS, READINGS, REFERENCES, Case, Reading, Reference
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.evidence import come_far
from traindx.rules.rule import Rule, RuleMeta
from traindx.run import Floats

_CLAMP = 100.0
# A logarithm is logged where all values are below ln 100 and a bit.
_LARGEST_LOG = 4.7


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class LogitScaleAtItsEnd(Rule):
    """The learnt logit scale has run to one of its ends, and the loss has not left the level of guessing.

    ## What it looks at
    The factor of the similarities before the softmax (or its logarithm): at 100, where CLIP clamps it, or falling below 2; with
    the loss within a few per cent of its chance level.

    ## Why it matters
    At 100 with a loss at chance, all embeddings are alike and the scale only amplifies their rounding. Towards 0 the model has
    given up: equal scores for all are the best that it can do with embeddings that tell nothing.

    ## What to try
    - Warm up longer, lower the learning rate, keep the scale fixed at 14 for the first thousand steps.
    - Check that pairs belong together: shuffle them; a loss that stays the same proves that they do not.

    ## When it is wrong
    A scale of 100 beside a loss far below chance is what large trainings end with, and is not told.
    """

    meta: ClassVar = RuleMeta(
        code="RET003",
        name="logit-scale-at-its-end",
        since="0.1",
        summary="the logit scale ran to its end with a loss at chance",
    )
    needs: ClassVar = (JUDGED_LOSS, READINGS)
    may_use: ClassVar = (REFERENCES,)

    near: float = 0.03
    """A loss within three per cent of chance tells pairs apart by less than one candidate in thirty."""

    least: float = 2.0
    """Cosines lie in [-1, 1]: at a scale under 2 the right candidate is at most e^4 times as likely as the worst."""

    def check(self, case: Case) -> Iterator[Finding]:
        loss = case[JUDGED_LOSS]
        scale = next((r for r in case[READINGS] if r.role.kind == "logit_scale" and r.curve is not None), None)
        chance = self._chance(case, loss)
        if scale is None or chance is None or not come_far(loss):
            return
        values = _as_factor(scale.series.finite().values)
        late = values[2 * len(values) // 3 :]
        if len(values) >= 5 and bool((np.abs(late / _CLAMP - 1) < 0.01).all()):
            yield self._describe(case, loss, scale, chance, (float(late[-1]), _CLAMP))
        elif len(values) >= 5 and float(np.median(late)) < self.least < 0.5 * float(values[0]):
            yield self._describe(case, loss, scale, chance, (float(late[-1]), float(values[0])))

    def _chance(self, case: Case, loss: Reading) -> Reference | None:
        if loss.curve is None:
            return None
        level = loss.curve.end.value
        known = (r for r in case.get(REFERENCES) or () if r.kind == "chance" and r.value > 0)
        return next((r for r in known if abs(level / r.value - 1) < self.near), None)

    def _describe(
        self, case: Case, loss: Reading, scale: Reading, chance: Reference, found: tuple[float, float]
    ) -> Finding:
        assert loss.curve is not None
        now, usual = found
        clamped = now > self.least
        ended = "stands at its clamp" if clamped else "has gone down"
        return self.finding(
            f"{scale.name} {ended} ({now:.3g}) while {loss.name} {loss.curve.end.value:.4g} is at guessing, {chance.formula} = {chance.value:.4g}",
            Evidence(
                label="factor of the similarities",
                measured=now,
                expected=usual,
                formula="the clamp, ln 100 = 4.605 as a logarithm" if clamped else "its start",
                span=case.span(scale.series, 2 * len(scale.series) // 3, -1),
            ),
            severity=Severity.WARNING,
            confidence=0.85,
            why="all embeddings are alike, and the scale amplifies their rounding"
            if clamped
            else "equal scores for all are the best answer of embeddings that tell nothing: the model has given up",
            do=(
                "lengthen the warm-up, lower the learning rate, and hold the scale fixed at first",
                "log the standard deviation of the embeddings over a batch: near 0 means collapse",
            ),
            check="shuffle the pairs for one evaluation: an unchanged loss proves that nothing of them is used",
            rank=61,
        )


def _as_factor(values: Floats) -> Floats:
    """The scale itself, where its logarithm was logged."""
    is_log = bool(len(values)) and float(np.max(values)) <= _LARGEST_LOG and float(values[0]) < math.log(_CLAMP)
    return np.asarray(np.exp(values), dtype=np.float64) if is_log else values

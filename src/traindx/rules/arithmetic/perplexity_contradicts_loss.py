"""MET004: the perplexity is not the exponential of the loss beside it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import LOSSES, READINGS, Case, Reading
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.pairing import plain, side_by_side
from traindx.rules.rule import Rule, RuleMeta
from traindx.run import Floats


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class PerplexityContradictsLoss(Rule):
    """The perplexity is not the exponential of the loss that is logged beside it.

    ## What it looks at
    The logarithm of the perplexity against the loss of the same split, at the points that both have. A mean of
    perplexities is never below the exponential of the mean loss, and above it by half the variance of the averaged losses.

    ## Why it matters
    One of the two is over other tokens, has a further term in it, or was averaged another way. Perplexities are compared
    with those of others, so it matters which.

    ## What to try
    - Average the loss over tokens first and take the exponential last.
    - Log the cross-entropy by itself where the total holds label smoothing or auxiliary terms.

    ## When it is wrong
    A running mean of the loss beside the perplexity of the last batch; a perplexity that is cut at a largest value.
    """

    meta: ClassVar = RuleMeta(
        code="MET004",
        name="perplexity-contradicts-loss",
        since="0.1",
        summary="the perplexity is not the exponential of the loss",
    )
    needs: ClassVar = (READINGS, LOSSES)

    points: int = 5

    rows: int = 4_000
    """What holds at most of so many points, evenly spread, holds at most of all."""

    below: float = 0.05
    """A mean of exponentials cannot lie below; a twentieth of a nat is more than rounding or one odd batch."""

    above: float = 1.0
    """Batch losses that scatter by one nat lift the mean of perplexities by half a nat; a whole one needs another reason."""

    share: float = 0.8

    def check(self, case: Case) -> Iterator[Finding]:
        losses = {r.role.split: r for r in case[LOSSES] if not r.role.part}
        for ppl in plain(case[READINGS], "perplexity"):
            loss = losses.get(ppl.role.split)
            if ppl.role.component is None and not ppl.role.part and loss is not None:
                found = self._compare(case, ppl, loss)
                if found is not None:
                    yield found
                    return

    def _compare(self, case: Case, ppl: Reading, loss: Reading) -> Finding | None:
        values, beside = (one[:: 1 + len(one) // self.rows] for one in side_by_side(ppl, loss))
        good = (values >= 1.0) & (values < 1e6) & (beside > 0)
        if np.count_nonzero(good) < self.points or np.count_nonzero(good) < self.share * len(values):
            return None
        logs, level = np.log(values[good]), beside[good]
        apart = logs - level
        lower, higher = float(np.mean(apart < -self.below)), float(np.mean(apart > self.above))
        if not max(lower, higher) >= self.share or _other_base(logs, level):
            return None
        return self._describe(case, ppl, loss, float(np.median(logs)), float(np.median(level)))

    def _describe(self, case: Case, ppl: Reading, loss: Reading, logs: float, level: float) -> Finding:
        less = logs < level
        return self.finding(
            f"ln of {ppl.name} is {logs:.4g} where {loss.name} is {level:.4g}: they belong to different averages",
            Evidence(
                label=f"typical ln {ppl.name}",
                measured=logs,
                expected=level,
                formula=f"ln perplexity = {loss.name}",
                unit="nats",
                span=case.span(ppl.series),
            ),
            severity=Severity.INFO,
            confidence=0.85,
            why="the loss holds more than the cross-entropy that the perplexity was taken of (smoothing, auxiliary terms, padding)"
            if less
            else "a mean of perplexities is drawn up by the worst batches; the exponential of the mean loss is what others quote",
            do=(
                "average the cross-entropy over tokens, and take the exponential last",
                "log the cross-entropy by itself",
            ),
            check="compute both from one batch: exp(loss) must be the perplexity",
            rank=11,
        )


def _other_base(logs: Floats, level: Floats) -> bool:
    """Whether the two differ by the base of the logarithm alone: then another rule says so."""
    ratio = float(np.median(logs / level))
    return min(abs(ratio - math.log(2)), abs(ratio - math.log(10))) < 0.03 * ratio

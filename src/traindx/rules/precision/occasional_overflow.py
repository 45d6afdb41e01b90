"""AMP003: now and then a gradient is not finite."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import factorial
from typing import ClassVar, final

import numpy as np

from traindx.context import GRAD_NORM, PRECISION, Case
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.rule import Rule, RuleMeta
from traindx.signals import exponential


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class OccasionalOverflow(Rule):
    """A few logged gradient norms are NaN or infinite, and training goes on.

    ## What it looks at
    How many of the logged gradient norms are not finite, against one in 2,000 steps, which is what a dynamic loss
    scale causes when it tries a doubled value.

    ## Why it matters
    It is the question behind "is a NaN gradient now and then normal?". With float16 and loss scaling it is, at this
    rate; with bfloat16 or float32 there is no scale that could cause it, and the batch or the arithmetic is at fault.

    ## What to try
    - Count them; log the loss scale beside them.

    ## When it is wrong
    In the first steps of a float16 run, while the scale comes down from its start.
    """

    meta: ClassVar = RuleMeta(
        code="AMP003", name="occasional-overflow", since="0.1", summary="now and then a gradient is not finite"
    )
    needs: ClassVar = (GRAD_NORM,)
    may_use: ClassVar = (PRECISION,)
    condition: ClassVar = None
    explained_by: ClassVar = ("NAN001", "NAN002", "NAN003", "AMP001", "AMP002")

    usual: float = 1 / 2_000
    """The growth interval of common scalers: each doubling may overflow once."""

    most_share: float = 0.02
    """Beyond it another rule speaks: no scale needs one step in fifty."""

    unlikely: float = 0.01

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak where some norms are not finite, but few, and later ones are finite again."""
        series = case[GRAD_NORM].series
        bad = ~np.isfinite(series.values)
        count, size = int(bad.sum()), len(series)
        if not 0 < count <= max(1, self.most_share * size) or bool(bad[-1]) or size < 5:
            return
        precision = str(case.get(PRECISION) or "")
        scaled = precision not in ("bf16", "fp32", "tf32", "fp64")
        more = _at_least(count, self.usual * size) < self.unlikely
        yield self.finding(
            f"{count} of {size} logged gradient norms {'are' if count > 1 else 'is'} not finite; "
            + (
                ("more than " if more else "")
                + f"one in {1 / self.usual:,.0f} is what a dynamic loss scale causes by itself"
                if scaled
                else f"in {precision} no loss scale explains it"
            ),
            Evidence(
                label="gradient norms that are not finite",
                measured=float(count),
                expected=self.usual * size,
                formula=f"{size} / {1 / self.usual:g}" if scaled else "",
                span=case.span(series, int(np.argmax(bad)), -1),
            ),
            severity=Severity.INFO,
            confidence=0.8,
            why="such a step is skipped by the scaler: it costs a batch, no more"
            if scaled
            else "if these steps were taken, the weights would be NaN: something skipped them",
            do=(
                "count them, and log the loss scale beside the gradient norm",
                "if they cluster, save the batches at which they happen and look at them",
            ),
            check="print(scaler.get_scale())  # at every step: it must halve exactly at these steps"
            if scaled
            else "run the batch of such a step again: NaN again means the batch, a finite norm means chance (races, memory)",
            rank=12,
        )


def _at_least(count: int, expected: float) -> float:
    """The chance of ``count`` events or more where ``expected`` are expected (Poisson)."""
    if count > 100:
        return 0.0 if count > 2 * expected else 1.0
    return max(0.0, 1 - sum(exponential(-expected) * expected**k / factorial(k) for k in range(count)))

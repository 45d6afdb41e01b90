"""NAN001: the loss is NaN or infinite."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import COMPONENTS, LOSSES, TASKS, Case, Reading
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.rule import Rule, RuleMeta
from traindx.signals import true_stretches


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class NanInLoss(Rule):
    """A loss is NaN or infinite.

    ## What it looks at
    Every logged value of the total losses and their terms. A value that was not logged is not NaN.

    ## Why it matters
    A NaN loss makes NaN gradients; one optimiser step with them makes every weight NaN, and nothing after it is
    training. A loss that was NaN for a few steps and came back was skipped (loss scaling, a guard) and cost only those.

    ## What to try
    - Keep the last checkpoint before the first NaN; later ones hold NaN weights.
    - Lower the learning rate or clip gradients, if the loss rose before it; look at the batch, if it did not.
    - Use bfloat16 instead of float16, whose largest number is 65,504.

    ## When it is wrong
    Where a program prints "nan" for "not measured at this step".
    """

    meta: ClassVar = RuleMeta(code="NAN001", name="nan-in-loss", since="0.1", summary="the loss is NaN or infinite")
    needs: ClassVar = (LOSSES,)
    may_use: ClassVar = (COMPONENTS, TASKS)
    condition: ClassVar = "nan"

    recovered_share: float = 0.05
    """Under this share of bad points, and with finite ones after them, the run recovered: skipped steps, no more."""

    def check(self, case: Case) -> Iterator[Finding]:
        told: set[tuple[bool, float]] = set()
        for reading in (*case[LOSSES], *(case.get(COMPONENTS) or ())):
            bad = ~np.isfinite(reading.series.values)
            first = (reading.held_out, float(reading.series.steps[int(np.argmax(bad))]) if bool(bad.any()) else 0.0)
            if bool(bad.any()) and first not in told:  # the terms of a NaN total say nothing new
                told.add(first)
                yield self._describe(case, reading)

    def _describe(self, case: Case, reading: Reading) -> Finding:
        series = reading.series
        bad = ~np.isfinite(series.values)
        stretches = true_stretches(bad)
        first, share, ends_bad = stretches[0][0], float(bad.mean()), bool(bad[-1])
        recovered = not ends_bad and (share <= self.recovered_share or (reading.held_out and share <= 0.5))
        mild = recovered and (not reading.held_out or self._training_finite(case))
        what = "NaN" if bool(np.isnan(series.values[bad]).any()) else "infinite"
        state = "and stays so" if ends_bad and len(stretches) == 1 else f"at {int(bad.sum())} of {len(series)} points"
        before = series.values[:first]
        last_good = (
            f"the last finite value before it was {before[-1]:.4g}" if len(before) else "from the first value on"
        )
        return self.finding(
            f"{reading.name} is {what} from step {series.steps[first]:g} {state}",
            Evidence(
                label=f"points of {reading.name} that are not finite",
                measured=float(bad.sum()),
                expected=0.0,
                span=case.span(series, first, stretches[-1][1]),
                note=last_good,
            ),
            severity=(Severity.INFO if reading.held_out and share <= self.recovered_share else Severity.WARNING)
            if mild
            else Severity.ERROR,
            confidence=0.99 if int(bad.sum()) > 1 else 0.9,
            why="no gradient comes from held-out data: the evaluation overflowed, and later evaluations are finite again"
            if mild and reading.held_out
            else "one optimiser step on a NaN gradient turns every weight into NaN; what follows is not training",
            do=(
                f"go back to the last checkpoint before step {series.steps[first]:g}",
                "look at loss and gradient norm just before: a rise means learning rate or overflow, no rise means a bad batch",
                "use bfloat16 or float32 instead of float16, and clip the gradient norm",
            )
            if not mild
            else (
                "the weights are sound, since training stayed finite: evaluate in float32 or bfloat16 to see the loss",
            )
            if reading.held_out
            else ("count the skipped steps; a few are ordinary loss scaling",),
            check=f"rerun the 50 steps before step {series.steps[first]:g} in float32 with anomaly detection on",
            rank=90,
        )

    def _training_finite(self, case: Case) -> bool:
        """Whether every training loss and term stayed finite: NaN weights would show there at the next step."""
        training = [r for r in (*case[LOSSES], *(case.get(COMPONENTS) or ())) if not r.held_out]
        return bool(training) and all(bool(np.isfinite(r.series.values).all()) for r in training)

"""NAN001: the loss is NaN or infinite."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import COMPONENTS, LOSSES, TASKS, Case, Reading
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.rule import Rule, RuleMeta
from traindx.run import Floats
from traindx.signals import true_stretches

_WEIGHTS_GONE = "one optimiser step on a NaN gradient turns every weight into NaN; what follows is not training"
_EVALUATION_PROBE = "print([i for i, b in enumerate(val_loader) if (b['labels'] != -100).sum() == 0])"


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
    - NaN in the evaluation alone: look for batches without a single label, whose mean is 0/0.
    - Use bfloat16 instead of float16, whose largest number is 65,504.

    ## When it is wrong
    Where a program prints "nan" for "not measured at this step".
    """

    meta: ClassVar = RuleMeta(code="NAN001", name="nan-in-loss", since="0.1", summary="the loss is NaN or infinite")
    needs: ClassVar = (LOSSES,)
    may_use: ClassVar = (COMPONENTS, TASKS)
    condition: ClassVar = "nan"

    rise: float = 0.2
    """A fifth above the level before, and five times its scatter: a loss that goes up for another reason than noise."""

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
        evaluation = reading.held_out and self._training_finite(case)
        before = _before(series.values[:first])
        rose = before is not None and before[1] - before[0] > max(self.rise * abs(before[0]), 5 * before[2])
        why, do = _explained(float(series.steps[first]), mild=mild, evaluation=evaluation, rose=rose)
        return self.finding(
            f"{reading.name} is {what} from step {series.steps[first]:g} {state}",
            Evidence(
                label=f"points of {reading.name} that are not finite",
                measured=float(bad.sum()),
                expected=0.0,
                span=case.span(series, first, stretches[-1][1]),
                note=f"the last finite value before it was {series.values[first - 1]:.4g}"
                if first
                else "from the first value on",
            ),
            *(_rising(before) if rose and before is not None else ()),
            severity=(Severity.INFO if reading.held_out and share <= self.recovered_share else Severity.WARNING)
            if mild
            else Severity.ERROR,
            confidence=0.99 if int(bad.sum()) > 1 else 0.9,
            why=why,
            do=do,
            check=_EVALUATION_PROBE
            if evaluation
            else f"rerun the 50 steps before step {series.steps[first]:g} in float32 with anomaly detection on",
            rank=90,
        )

    def _training_finite(self, case: Case) -> bool:
        """Whether every training loss and term stayed finite: NaN weights would show there at the next step."""
        training = [r for r in (*case[LOSSES], *(case.get(COMPONENTS) or ())) if not r.held_out]
        return bool(training) and all(bool(np.isfinite(r.series.values).all()) for r in training)


def _before(values: Floats) -> tuple[float, float, float] | None:
    """(level, last level, scatter) of the finite values just before a NaN; None where they are too few to tell a rise."""
    recent = values[np.isfinite(values)][-60:]
    if len(recent) < 4:
        return None
    late = max(1, len(recent) // 10)
    rest = recent[:-late]
    level = float(np.median(rest[len(rest) // 2 :]))
    return level, float(np.median(recent[-late:])), float(1.4826 * np.median(np.abs(rest - np.median(rest))))


def _rising(before: tuple[float, float, float]) -> tuple[Evidence, ...]:
    return (
        Evidence(label="last values before it", measured=before[1], expected=before[0], formula="the level until then"),
    )


def _explained(first: float, *, mild: bool, evaluation: bool, rose: bool) -> tuple[str, tuple[str, ...]]:
    """Why it matters, and what to do, the best first."""
    keep = f"go back to the last checkpoint before step {first:g}: later ones hold NaN weights and cannot be used"
    if mild and evaluation:
        return (
            "no gradient comes from held-out data: the evaluation overflowed, and later evaluations are finite again",
            ("the weights are sound, since training stayed finite: evaluate in float32 or bfloat16 to see the loss",),
        )
    if mild:
        return _WEIGHTS_GONE, ("count the skipped steps; a few are ordinary loss scaling",)
    if evaluation:
        return (
            "training stays finite, so the weights are sound: the evaluation itself divides 0 by 0 or overflows",
            (
                "look for batches in which no token has a label (truncated, masked), and for an empty set: a mean over nothing is NaN",
                "evaluate in float32 or bfloat16, and with a batch size of 1 to find the sample",
            ),
        )
    if rose:
        return (
            f"the loss rose before it, as with steps that are too large; {_WEIGHTS_GONE}",
            (keep, "lower the learning rate by three, lengthen the warm-up, and clip the gradient norm"),
        )
    return (
        _WEIGHTS_GONE,
        (
            keep,
            "nothing announced it: look at the batch of that step for NaN, zero lengths and missing labels",
            "use bfloat16 or float32 instead of float16, and clip the gradient norm",
        ),
    )

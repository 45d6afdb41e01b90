"""NAN002: the printed loss hides a NaN."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import GRAD_NORM, LOSSES, READINGS, TASKS, Case, Reading
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.rule import Rule, RuleMeta

# -ln of the smallest normal float32: what -log(max(p, FLT_MIN)) gives for a probability of zero.
_UNDERFLOW = 87.3365


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class NanInDisguise(Rule):
    """The printed loss is finite, but what was computed is NaN.

    ## What it looks at
    Losses of exactly 0.0 at steps whose gradient norm is NaN or infinite; finite losses at steps where a count of NaN that is
    logged beside them (`nan_count`, `eval_nan_count`) is not zero; losses that stay at 87.3365, which is -ln of the smallest float32.

    ## Why it matters
    Some trainers replace a NaN loss by 0.0 or by the running mean before they print it, so that a dead run looks
    perfect. Others clamp the probability at the smallest float, so that NaN logits print as 87.3365.

    ## What to try
    - Hugging Face Trainer: `logging_nan_inf_filter=False` shows the truth.
    - Restart from the last checkpoint before it, in bfloat16 or float32.

    ## When it is wrong
    A loss of 0.0 can be true where no example of the batch has a label; then the gradient norm is 0, not NaN.
    """

    meta: ClassVar = RuleMeta(
        code="NAN002", name="nan-in-disguise", since="0.1", summary="a finite printed loss hides a NaN"
    )
    needs: ClassVar = (LOSSES,)
    may_use: ClassVar = (GRAD_NORM, READINGS, TASKS)
    condition: ClassVar = "nan"

    underflow_points: int = 2

    recovered_share: float = 0.05
    """Up to this share of points with NaN behind them, and none at the end, the run went on: a few batches were lost."""

    def check(self, case: Case) -> Iterator[Finding]:
        for reading in case[LOSSES]:
            yield from self._underflow(case, reading)
        norm = case.get(GRAD_NORM)
        for reading in case[LOSSES]:
            found = list(self._zero_with_bad_gradient(case, reading, norm)) if norm is not None else []
            yield from found or self._counted(case, reading)

    def _underflow(self, case: Case, reading: Reading) -> Iterator[Finding]:
        near = np.abs(reading.series.values - _UNDERFLOW) < 6e-4
        if not (int(near.sum()) >= self.underflow_points and float(near.mean()) >= 0.5):
            return
        first = int(np.argmax(near))
        yield self.finding(
            f"{reading.name} stands at {reading.series.values[first]:.4f}, the logarithm of the smallest float",
            Evidence(
                label=f"typical {reading.name}",
                measured=float(np.median(reading.series.values[near])),
                expected=_UNDERFLOW,
                formula="-ln FLT_MIN = -ln 1.1755e-38",
                unit="nats",
                span=case.span(reading.series, first, -1),
            ),
            severity=Severity.ERROR,
            confidence=0.98,
            why="a softmax over NaN or enormous logits gives probability zero, clamped at the smallest float32",
            do=("restart from before it with a lower learning rate", "check the inputs for NaN and for wrong scale"),
            check="print one batch of logits: they are NaN or beyond 1e4",
            rank=88,
        )

    def _zero_with_bad_gradient(self, case: Case, reading: Reading, norm: Reading) -> Iterator[Finding]:
        series, bad = reading.series, norm.series.take(~np.isfinite(norm.series.values))
        zero = np.flatnonzero(
            (series.values == 0.0) & np.isin(series.steps, bad.steps) & np.isin(series.epochs, bad.epochs)
        )
        if reading.role.split == "val" or not len(zero):
            if len(bad) and not np.isfinite(series.epochs).any():
                zero = np.flatnonzero((series.values == 0.0) & np.isin(series.steps, bad.steps))
            if reading.role.split == "val" or not len(zero):
                return
        yield self.finding(
            f"{reading.name} is printed as 0.0 at {len(zero)} of {len(series)} points where the gradient norm is NaN",
            Evidence(
                label=f"{reading.name} of exactly 0 with {norm.name} not finite",
                measured=float(len(zero)),
                expected=0.0,
                span=case.span(series, int(zero[0]), int(zero[-1])),
            ),
            severity=Severity.ERROR,
            confidence=0.98,
            why="the trainer replaces a NaN loss by 0.0 before printing: this is not a perfect model but a dead one",
            do=(
                f"discard everything after step {series.steps[zero[0]]:g}; resume from before it",
                "switch the filter off (Hugging Face: logging_nan_inf_filter=False) to see the first NaN",
                "train in bfloat16 or float32; check for rows without any label",
            ),
            check="a finite loss at these steps with the NaN filter off would refute this",
            rank=91,
        )

    def _counted(self, case: Case, reading: Reading) -> Iterator[Finding]:
        series = reading.series
        count = next((r.series for r in case.get(READINGS) or () if _counts_nan_of(r, reading)), None)
        if count is None:
            return
        hides = np.isfinite(series.values) & np.isin(series.steps, count.steps[count.values > 0])
        at = np.flatnonzero(hides)
        if not len(at):
            return
        lasting = bool(hides[-1]) or float(hides.mean()) > self.recovered_share
        yield self.finding(
            f"{reading.name} is printed as a number at {len(at)} of {len(series)} points that have NaN behind them",
            Evidence(
                label=f"points of {reading.name} with a count of NaN above 0",
                measured=float(len(at)),
                expected=0.0,
                span=case.span(series, int(at[0]), int(at[-1])),
                note=f"{float(np.sum(count.values[count.values > 0])):g} losses were NaN in all",
            ),
            severity=Severity.ERROR if lasting else Severity.WARNING,
            confidence=0.98,
            why="the trainer leaves NaN out of the mean that it prints: the curve shows the batches that still had a loss",
            do=(
                "find the batches: a mean over no label at all is 0/0, a half-precision loss overflows",
                "switch the filter off (Hugging Face: logging_nan_inf_filter=False) to see every one of them",
            ),
            check=f"compute the losses of the batches up to step {series.steps[at[0]]:g} one by one, in float32",
            rank=89,
        )


def _counts_nan_of(counting: Reading, reading: Reading) -> bool:
    """Whether a series counts the NaN behind a loss: of the same split, and of the same set where there are several."""
    role, loss = counting.role, reading.role
    same = role.split == loss.split and (role.part or role.component or "") == loss.part
    return role.kind == "nan_count" and same and len(counting.series) > 0

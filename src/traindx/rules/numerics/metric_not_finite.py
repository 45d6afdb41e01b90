"""NAN004: a metric is NaN or infinite while the loss is finite."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import LOSSES, METRICS, Case, Reading
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.rule import Rule, RuleMeta

# kind -> what makes it undefined
_REASONS = {
    "pearson": "a correlation with a constant is undefined: the model answers one value, or the targets are all equal",
    "spearman": "a correlation with a constant is undefined: the model answers one value, or the targets are all equal",
    "r2": "targets without variance leave no share of it to explain",
    "auroc": "a ranking needs both classes: the evaluation set, or one batch of it, holds only one",
    "auprc": "a ranking needs both classes: the evaluation set, or one batch of it, holds only one",
    "precision": "no positive was predicted: 0 of 0",
    "recall": "no positive is there: 0 of 0",
    "f1": "neither a positive prediction nor a positive label: 0 of 0",
    "iou": "a class that neither prediction nor truth holds: 0 of 0",
    "dice": "a class that neither prediction nor truth holds: 0 of 0",
    "perplexity": "the exponential of the loss overflowed, though the loss itself is finite",
    "psnr": "a picture that is met exactly has no noise: its ratio is infinite",
    "mape": "a target of zero has no percentage",
}


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class MetricNotFinite(Rule):
    """A metric is NaN or infinite while every loss is finite.

    ## What it looks at
    All values of the task metrics, where no loss has one that is not finite.

    ## Why it matters
    The weights are sound; the metric divides by nothing. A best checkpoint chosen by it is arbitrary: comparisons
    with NaN are false, so that the first or the last one wins. A correlation that is NaN means constant answers.

    ## What to try
    - Compute the metric over the whole set at once, not as a mean over batches.
    - Say what stands for "undefined", and count how often.

    ## When it is wrong
    Where a program prints NaN for "not measured at this step".
    """

    meta: ClassVar = RuleMeta(
        code="NAN004", name="metric-not-finite", since="0.1", summary="a metric is NaN while the loss is finite"
    )
    needs: ClassVar = (METRICS,)
    may_use: ClassVar = (LOSSES,)
    explained_by: ClassVar = ("NAN001", "NAN002", "NAN003")

    points: int = 3
    blank: float = 0.5
    """Where more than half of a log is NaN, it is likely how the program prints a value that was not measured."""

    def check(self, case: Case) -> Iterator[Finding]:
        losses = case.get(LOSSES) or ()
        if any(not bool(np.isfinite(r.series.values).all()) for r in losses):
            return
        found = [
            (share, r)
            for r in case[METRICS]
            if len(r.series) >= self.points and (share := float(np.mean(~np.isfinite(r.series.values)))) > 0
        ]
        told = [(share, r) for share, r in found if share <= self.blank or r.role.kind in _REASONS]
        if told:
            share, reading = max(told, key=lambda one: one[0])
            yield self._describe(case, reading, share, len(found))

    def _describe(self, case: Case, reading: Reading, share: float, count: int) -> Finding:
        values = reading.series.values
        bad = ~np.isfinite(values)
        what = "NaN" if bool(np.isnan(values[bad]).any()) else "infinite"
        more = f" (and {count - 1} more metric{'s' if count > 2 else ''})" if count > 1 else ""
        constant = reading.role.kind in ("pearson", "spearman") and share == 1.0 and len(values) >= 5
        return self.finding(
            f"{reading.name} is {what} at {int(bad.sum())} of {len(values)} points{more} while the loss is finite",
            Evidence(
                label=f"points of {reading.name} that are not finite",
                measured=float(bad.sum()),
                expected=0.0,
                span=case.span(reading.series, int(np.argmax(bad)), -1),
            ),
            severity=Severity.WARNING if constant else Severity.INFO,
            confidence=0.9,
            why=_REASONS.get(reading.role.kind, "the metric divides by nothing; the weights are sound"),
            do=(
                "compute it over the whole set at once, not as a mean over batches",
                "choose no checkpoint by it: comparisons with NaN are always false",
            ),
            check="print(len(set(labels)), len(set(predictions)))",
            rank=16,
        )

"""MET008: a metric changes between per cent and fraction within one run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import READINGS, Case, Reading
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.pairing import plain
from traindx.rules.rule import Rule, RuleMeta
from traindx.run import Floats

_SHARES = (
    "accuracy", "token_accuracy", "balanced_accuracy", "error_rate", "recall_at_k", "hit_rate", "mrr", "map", "f1", "precision",
    "recall", "auroc", "dice", "iou", "exact_match", "success_rate", "wer", "cer",
)  # fmt: skip


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleChangesMidway(Rule):
    """A metric leaps by a factor of a hundred: per cent before, a fraction after, or the reverse.

    ## What it looks at
    The largest leap between neighbouring values of a share, and the levels on both sides of it: a hundred apart within a
    half, all of one side at most one, all of the other above it.

    ## Why it matters
    The best checkpoint is then chosen on one side of the leap only, and a schedule that waits for improvement acts on it.

    ## What to try
    - Look for two versions of the program, a resume, or another library version on the two sides.

    ## When it is wrong
    A model of a hundred classes that learns everything in one evaluation.
    """

    meta: ClassVar = RuleMeta(
        code="MET008",
        name="scale-changes-midway",
        since="0.1",
        summary="a metric changes between per cent and fraction",
    )
    needs: ClassVar = (READINGS,)
    condition: ClassVar = "metric_arithmetic"

    side: int = 3
    """Three values on each side: single ones may be excursions."""

    tolerance: float = 1.5

    def check(self, case: Case) -> Iterator[Finding]:
        for reading in plain(case[READINGS], *_SHARES):
            values = reading.series.values
            at = self._leap(values)
            if at is not None:
                yield self._describe(case, reading, at)
                return

    def _leap(self, values: Floats) -> int | None:
        """Index of the first value on the other scale, or None."""
        if len(values) < 2 * self.side or not bool((np.isfinite(values) & (values > 0)).all()):
            return None
        logs = np.log(values)
        at = 1 + int(np.argmax(np.abs(np.diff(logs))))
        before, after = values[:at], values[at:]
        if min(len(before), len(after)) < self.side:
            return None
        small, large = (before, after) if logs[at] > logs[at - 1] else (after, before)
        if not (float(small.max()) <= 1.0 < float(large.min())):
            return None
        close = float(np.median(after[: self.side]) / np.median(before[-self.side :]))
        factor = max(close, 1 / close)
        return at if 100 / self.tolerance < factor < 100 * self.tolerance else None

    def _describe(self, case: Case, reading: Reading, at: int) -> Finding:
        series = reading.series
        return self.finding(
            f"{reading.name} leaps from {series.values[at - 1]:.4g} to {series.values[at]:.4g} at step {series.steps[at]:g}: per cent on one side, a fraction on the other",
            Evidence(
                label="factor of the leap",
                measured=float(series.values[at] / series.values[at - 1]),
                expected=100.0 if series.values[at] > series.values[at - 1] else 0.01,
                formula="per cent over fraction",
                span=case.span(series, at - 1, at),
            ),
            severity=Severity.WARNING,
            confidence=0.9,
            why="the best value lies on the side in per cent, whatever the model is worth: checkpoints and schedules act on it",
            do=("bring both parts to one scale before choosing a checkpoint", "compare the programs of both parts"),
            check="evaluate one checkpoint with both versions of the program",
            undermines=False,
            rank=53,
        )

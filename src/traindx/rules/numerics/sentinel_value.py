"""NAN005: a value stands for "none", not for a measurement."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np
from numpy.typing import NDArray

from traindx.context import METRICS, READINGS, Case, Reading
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.rule import Rule, RuleMeta
from traindx.run import Floats

_KNOWN: tuple[tuple[float, str], ...] = (
    (float(np.finfo(np.float32).max), "the largest float32"),
    (float(np.finfo(np.float16).max), "the largest float16"),
    (float(np.finfo(np.float64).max), "the largest float64"),
    (2.0**31 - 1, "the largest 32-bit integer"),
    (1e5, "a round power of ten"),
    (1e6, "a round power of ten"),
    (1e7, "a round power of ten"),
    (1e8, "a round power of ten"),
    (1e9, "a round power of ten"),
    (1e10, "a round power of ten"),
    (1e12, "a round power of ten"),
    (1e20, "a round power of ten"),
    (1e30, "a round power of ten"),
    (9_999.0, "nines"),
    (99_999.0, "nines"),
    (999_999.0, "nines"),
)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SentinelValue(Rule):
    """A few values of a series are a number that programs use for "none".

    ## What it looks at
    Losses and metrics with single values of a well-known size (the largest float, 1e9, 99999), a hundred times and more beyond
    all the others.

    ## Why it matters
    They are start values, masks or results of a clamp, and no measurements. One of them spoils every mean, every axis of a plot
    and every "worst so far".

    ## What to try
    - Leave out the row, or write nothing, where nothing was measured.

    ## When it is wrong
    A loss that really blew up to a round number for one step.
    """

    meta: ClassVar = RuleMeta(
        code="NAN005", name="sentinel-value", since="0.1", summary="a value stands for none, not for a measurement"
    )
    needs: ClassVar = (READINGS,)
    may_use: ClassVar = (METRICS,)
    explained_by: ClassVar = ("NAN001", "DIV001")

    points: int = 5
    rare: float = 0.2
    beyond: float = 100.0

    def check(self, case: Case) -> Iterator[Finding]:
        losses = [r for r in case[READINGS] if r.role.kind == "loss"]
        for reading in (*losses, *(case.get(METRICS) or ())):
            values = reading.series.values
            if len(values) < self.points or not float(np.fmax.reduce(np.abs(values), initial=0.0)) >= _SMALLEST:
                continue
            for size, meaning in _KNOWN:
                where = np.abs(np.abs(values) / size - 1) < 1e-6
                if self._stands_out(values, where):
                    yield self._describe(case, reading, where, meaning)
                    return

    def _stands_out(self, values: Floats, where: NDArray[np.bool_]) -> bool:
        if not 0 < float(np.mean(where)) <= self.rare:
            return False
        rest = np.abs(values[~where & np.isfinite(values)])
        return len(rest) > 0 and float(np.abs(values[where]).min()) > self.beyond * max(float(rest.max()), 1e-12)

    def _describe(self, case: Case, reading: Reading, where: NDArray[np.bool_], meaning: str) -> Finding:
        series, first = reading.series, int(np.argmax(where))
        rest = series.values[~where & np.isfinite(series.values)]
        return self.finding(
            f"{reading.name} is {series.values[first]:.6g} at {int(where.sum())} of {len(series)} points: {meaning}, which stands for 'none'",
            Evidence(
                label=f"{reading.name} at step {series.steps[first]:g}",
                measured=float(series.values[first]),
                expected=float(rest[np.argmax(np.abs(rest))]),
                formula="the largest of all others",
                span=case.span(series, first, first),
            ),
            severity=Severity.INFO,
            confidence=0.9,
            why="a start value or a mask spoils every mean, every plot and every best so far",
            do=("write nothing where nothing was measured",),
            check="the place in the program that sets this value",
            rank=9,
        )


_SMALLEST = min(size for size, _ in _KNOWN)

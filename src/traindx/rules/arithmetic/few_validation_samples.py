"""MET007: the metric moves in steps that a few samples make."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.baselines import wilson_interval
from traindx.context import READINGS, Case, Reading
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.pairing import plain
from traindx.rules.rule import Rule, RuleMeta
from traindx.run import Floats

_COUNTED = ("accuracy", "error_rate", "recall_at_k", "hit_rate", "exact_match", "success_rate", "win_rate")


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class FewValidationSamples(Rule):
    """The metric moves in steps that only a small evaluation set makes.

    ## What it looks at
    Whether all values of a held-out share of right answers are whole numbers over one n under 200, and how
    likely unrelated values would fit as well.

    ## Why it matters
    Of n examples, a share p is known to about 2·sqrt(p(1-p)/n): on 50 examples, 80 % means 67 to 89 %. The best of
    many such evaluations is mostly luck.

    ## What to try
    - Evaluate on more samples, less often.
    - Compare checkpoints on the same samples, and count those on which they differ.

    ## When it is wrong
    A mean over a whole number of equal batches that happens to fit; the true size is then a multiple.
    """

    meta: ClassVar = RuleMeta(
        code="MET007",
        name="few-validation-samples",
        since="0.1",
        summary="the metric moves in steps that a few samples make",
    )
    needs: ClassVar = (READINGS,)

    most_samples: int = 200
    """From 200 examples on, the 95 % interval at one half is narrower than seven points each way."""

    rows: int = 2_000
    """A long log of evaluations has shown its steps by then."""

    distinct: int = 4
    luck: float = 0.001

    def check(self, case: Case) -> Iterator[Finding]:
        for reading in plain(case[READINGS], *_COUNTED):
            if not reading.held_out or reading.role.statistic is not None:
                continue
            shares = np.unique(reading.series.finite().values[: self.rows] / reading.full)
            size = self._size(shares)
            if size is not None:
                yield self._describe(case, reading, size)
                return

    def _size(self, shares: Floats) -> int | None:
        """The smallest set that fits every value, unless luck would find one as well."""
        inner = shares[(shares > 0) & (shares < 1)]
        if len(inner) < self.distinct or len(shares) > self.most_samples or not bool((shares <= 1).all()):
            return None
        half = _half_unit(inner)
        sizes = np.arange(2, self.most_samples)
        apart = np.abs(inner[None, :] * sizes[:, None] - np.round(inner[None, :] * sizes[:, None]))
        fits = sizes[(apart <= sizes[:, None] * half + 1e-9).all(axis=1)]
        if not len(fits):
            return None
        tried = np.arange(2, int(fits[0]) + 1)
        return int(fits[0]) if float(np.sum(np.minimum(1.0, 2 * tried * half) ** len(inner))) < self.luck else None

    def _describe(self, case: Case, reading: Reading, size: int) -> Finding:
        last = float(reading.series.finite().values[-1]) / reading.full
        low, high = wilson_interval(round(last * size), size)
        return self.finding(
            f"{reading.name} moves in steps of 1/{size}: it is measured on {size} samples, so {100 * last:.3g} % means {100 * low:.0f} to {100 * high:.0f} %",
            Evidence(
                label="samples that explain every value",
                measured=float(size),
                expected=float(self.most_samples),
                formula="a set on which a few points' difference shows",
                span=case.span(reading.series),
            ),
            severity=Severity.INFO,
            confidence=0.9,
            why="the best of many evaluations of a small set is luck for the most part",
            do=("evaluate on more samples, less often", "compare checkpoints sample by sample, not by their shares"),
            check="the number of evaluation samples in the program: it should be this number, or a multiple of it",
            rank=12,
        )


def _half_unit(values: Floats) -> float:
    """Half a unit of the last printed decimal, found from the values; at least that of a float32."""
    for decimals in range(2, 7):
        if bool((np.abs(values - np.round(values, decimals)) < 1e-9).all()):
            return float(0.5 * 10.0**-decimals)
    return 1e-6

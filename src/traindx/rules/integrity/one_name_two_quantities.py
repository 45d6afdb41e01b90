"""LOG004: two logs of one run use one name for different quantities."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import TWINS, Case, Reading
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class OneNameTwoQuantities(Rule):
    """Two logs of one run use the same name for values that cannot be the same quantity.

    ## What it looks at
    Series of one name in two files, at the steps that both have; whether their ratio is constant, and whether it is
    near a whole number.

    ## Why it matters
    One of the two is not what its name says; every statement about "the loss" depends on which file was read. A constant
    whole-number ratio is a sum in place of a mean over ranks or accumulation steps.

    ## What to try
    - Find out what each file averages over (window, epoch, rank) and rename one of them.

    ## When it is wrong
    Where one file holds a window mean and the other a single batch, noise alone separates them.
    """

    meta: ClassVar = RuleMeta(
        code="LOG004",
        name="one-name-two-quantities",
        since="0.1",
        summary="two logs of one name hold different quantities",
    )
    needs: ClassVar = (TWINS,)
    condition: ClassVar = "mixed_streams"

    differ: float = 0.25
    """Means over different windows of one quantity rarely differ by a quarter for most of a run."""

    def check(self, case: Case) -> Iterator[Finding]:
        compared = [(one, other, *_ratios(one, other)) for one, other in case[TWINS]]
        every = np.concatenate([ratio for _, _, _, ratio in compared])
        for one, other, at, ratio in compared:
            if len(ratio) >= 2 and float(np.median(np.maximum(ratio, 1 / ratio))) > 1 + self.differ:
                yield self._describe(case, one, other, at, ratio, _whole_factor(every))
                return

    def _describe(
        self, case: Case, one: Reading, other: Reading, at: np.ndarray, ratio: np.ndarray, whole: tuple[int, int] | None
    ) -> Finding:
        factor = f"; {whole[1]} pairs of values differ by a factor of {whole[0]}" if whole else ""
        return self.finding(
            f"{_both(one, other)} in two logs are not one quantity: typical ratio {float(np.median(ratio)):.3g}{factor}",
            Evidence(
                label=f"{other.name} / {one.name} at the first common step",
                measured=float(ratio[0]),
                expected=1.0,
                formula="equal for one quantity",
                span=case.span(one.series, int(at[0]), int(at[-1])),
            ),
            Evidence(
                label="spread of the ratio over common steps", measured=float(ratio.max() / ratio.min()), expected=1.0
            ),
            severity=Severity.WARNING,
            confidence=0.93,
            why="at least one file does not hold what its name says, so no statement about this loss can be trusted yet",
            do=(
                f"find what each file averages over; a factor of {whole[0]} suggests ranks or accumulation steps"
                if whole
                else "find what each file averages over: window, epoch, rank, mask",
                "log both under different names, with the number of samples behind each value",
            ),
            check="print the loss of one batch on one rank: which file agrees with it?",
            undermines=True,
            rank=87,
        )


def _ratios(one: Reading, other: Reading) -> tuple[np.ndarray, np.ndarray]:
    """(indices into the first series, second over first) at the steps where both have positive finite values."""
    _, first, second = np.intersect1d(one.series.steps, other.series.steps, return_indices=True)
    a, b = one.series.values[first], other.series.values[second]
    good = np.isfinite(a) & np.isfinite(b) & (a > 0) & (b > 0)
    return first[good], b[good] / a[good]


def _whole_factor(ratio: np.ndarray) -> tuple[int, int] | None:
    """A whole number from 2 to 64 that at least two ratios (or their inverses) hit within 1.5 %, and how many do."""
    folded = np.where(ratio < 1, 1 / ratio, ratio)
    nearest = np.round(folded)
    hits = (np.abs(folded / np.maximum(nearest, 1) - 1) < 0.015) & (nearest >= 2) & (nearest <= 64)
    if not bool(hits.any()):
        return None
    values, counts = np.unique(nearest[hits], return_counts=True)
    best = int(np.argmax(counts))
    return (int(values[best]), int(counts[best])) if counts[best] >= 2 else None


def _both(one: Reading, other: Reading) -> str:
    names = dict.fromkeys((one.series.logged_as, other.series.logged_as))
    return " and ".join(names) if len(names) > 1 else f"values of {one.series.logged_as}"

"""AUD006: a few values decide a squared loss."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from typing import ClassVar, final

from traindx.dataset.checks.blocks import Block, Part, blocks
from traindx.dataset.checks.data_check import DataCheck
from traindx.dataset.checks.subject import Subject
from traindx.dataset.checks.wording import n, share
from traindx.dataset.summary import ArraySummary, ColumnSummary
from traindx.dataset.tails import gaussian_largest, gaussian_top_share, largest_z, squared
from traindx.diagnosis import Evidence, Finding, RuleMeta, Severity


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class HeavyTails(DataCheck):
    """A few values of an array hold much of its sum of squares.

    ## What it looks at
    The share of the sum of squares that the largest thousandth of the values holds (1.3 % for Gaussian ones), the kurtosis (3 for Gaussian ones),
    and the farthest value in deviations against what as many Gaussian values would show.

    ## Why it matters
    A squared loss and its gradient are sums of squares: where one value in a thousand holds a third of them, a few rows decide each batch,
    gradient norms jump and get clipped, and the error of all other rows hardly counts. Dividing by the deviation changes none of that.

    ## What to try
    - Huber's loss or L1 instead of the square, so that one value costs no more than its distance.
    - Squash the targets: asinh, a signed logarithm, or quantiles; and undo it on predictions.
    - Look at the largest values first: some are units, sentinels or bugs.

    ## When it is wrong
    Where the large values are the point, as of floods and losses of insurers; and where groups of different scale were pooled: scale those first.
    """

    meta: ClassVar = RuleMeta(
        code="AUD006", name="heavy-tails", since="0.1", summary="a few values hold much of the sum of squares"
    )

    top_share: float = 0.20
    """One value in a thousand decides a fifth of a squared loss: sixteen times what Gaussian values would."""

    far: float = 3.0
    """The farthest value is so many times as far out as the farthest of as many Gaussian values."""

    single_share: float = 0.05
    """One single value holds a twentieth of the variance: rows of such size come in few batches, and rule them."""

    rows: int = 100
    """Fewer values do not show their tails."""

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Speak once of each array or table, of its worst feature."""
        for block in blocks(subject, "values"):
            # mostly zeros, a column's top thousandth is a larger part of what varies: it is judged within the whole array
            looked = [part for part in block.parts if part.column.zeros <= part.column.rows / 2]
            if block.unit == "feature" and len(block.parts) > 1:
                looked.append(Part(block.parts[0].array, block.parts[0].array.whole))
            found = [part for part in looked if part.column.count >= self.rows and self._is_heavy(part.column)]
            if found:
                yield self._found(block, max(found, key=lambda part: _weight(part.column)), found)

    def _is_heavy(self, column: ColumnSummary) -> bool:
        if column.count >= 1_000 and column.square_sum_top > self.top_share and column.zeros < column.rows:
            return True
        far = largest_z(column) / gaussian_largest(column.count)
        return far > self.far and _largest_share(column) > self.single_share

    def _found(self, block: Block, part: Part, found: list[Part]) -> Finding:
        array, column, name = part.array, part.column, part.name
        z, others = largest_z(column), len({one.name for one in found}) - 1
        top, single = column.square_sum_top, _largest_share(column)
        known = column.count >= 1_000 and top > self.top_share
        inside = _inside(array)
        pooled = inside is not None and inside < column.kurtosis / 3
        headline = (
            f"one value in a thousand of {name} holds {share(top)} of its sum of squares"
            if known
            else f"the farthest value of {name} lies {n(z)} deviations out and holds {share(single)} of its variance"
        ) + (f" ({others} more {block.unit}s alike)" if others else "")
        squash = "squash with asinh or a signed logarithm" + (", and undo it on predictions" if block.target else "")
        do = (
            ("use Huber's loss or L1 instead of the square", squash)
            if block.target
            else (squash, "clip at a few deviations")
        )
        return self.finding(
            headline,
            Evidence(
                label="share of the sum of squares in the top thousandth",
                measured=top,
                expected=gaussian_top_share(),
                formula="Gaussian values",
            ),
            Evidence(
                label="farthest value, in deviations",
                measured=z,
                expected=gaussian_largest(column.count),
                formula=f"Gaussian, n = {column.count:,}",
            ),
            Evidence(
                label="kurtosis",
                measured=column.kurtosis,
                expected=3.0,
                formula="Gaussian values",
                note=f"inside groups {n(inside)}" if inside is not None else "",
            ),
            severity=Severity.WARNING,
            confidence=0.9 if known else 0.8,
            why=_cost(block.target, column, top if known else single, known=known)
            + ("; most of it comes from pooling groups of different scale" if pooled else ""),
            do=("scale each group by its own deviation first", *do) if pooled else do,
            check="look at the ten largest values: a unit, a sentinel or a bug among them refutes a heavy tail",
            decided_by="data",
            rank=65,
        )


def _weight(column: ColumnSummary) -> tuple[float, float]:
    return (column.square_sum_top if column.square_sum_top == column.square_sum_top else 0.0, column.kurtosis)


def _largest_share(column: ColumnSummary) -> float:
    """The share of the sum of squares about the mean that the farthest value alone holds."""
    return squared(largest_z(column)) / column.count if column.count else math.nan


def _inside(array: ArraySummary) -> float | None:
    """The median kurtosis inside groups, or None where there are no groups of a size that tells."""
    known = [c.kurtosis for parts in array.groups.values() for c in parts if c.count >= 100 and c.m2 > 0]
    return median(known) if len(known) >= 2 else None


def _cost(target: bool, column: ColumnSummary, held: float, *, known: bool) -> str:
    who = "one value in a thousand decides" if known else "a single value decides"
    what = "a squared loss" if target else "the square of what the first layer sees"
    batch = 256
    met = 1 - 0.999**batch if known else min(batch / column.count, 1.0)
    return (
        f"{who} {share(held)} of {what}: a batch of {batch} values that meets it ({share(met)} of them) has a {'loss and a gradient' if target else 'gradient'} "
        f"far above the others"
    )

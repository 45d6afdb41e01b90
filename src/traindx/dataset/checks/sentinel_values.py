"""AUD009: a number that stands for "missing"."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final, final

from traindx.dataset.checks.blocks import Block, Part, blocks
from traindx.dataset.checks.data_check import DataCheck
from traindx.dataset.checks.subject import Subject
from traindx.dataset.checks.wording import n, share
from traindx.dataset.summary import ColumnSummary
from traindx.dataset.tails import second_moment, squared
from traindx.diagnosis import Evidence, Finding, RuleMeta, Severity

# Numbers that programs write for "missing": runs of nines, powers of ten, the ends of number formats, and the fill values of netCDF.
_FORMAT_ENDS: Final = frozenset(
    {-128.0, 255.0, -32768.0, 32767.0, 65535.0, -(2.0**31), 2.0**31 - 1, 2.0**32 - 1, -(2.0**63), 2.0**63, 2.0**64}
)
_NINES: Final = frozenset(sign * float("9" * k) for k in range(2, 11) for sign in (-1, 1))
_NETCDF: Final = 9.969209968386869e36
_FLOAT32_MAX: Final = 3.4028234663852886e38


@final
@dataclass(frozen=True, slots=True)
class Sentinel:
    """A value that stands for "missing" in a column, with the moments of what remains without it."""

    value: float
    count: int
    mean: float
    deviation: float


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SentinelValues(DataCheck):
    """A number such as -999 or 1e20 stands for "missing" and is counted as data.

    ## What it looks at
    The commonest exact values of each feature: one that programs write for "missing" (nines, powers of ten, ends of number formats) and that
    lies far outside everything else. Mean and deviation are told with it and without.

    ## Why it matters
    It moves the mean and widens the deviation, so that scaling by them squeezes the true values into a corner; and a squared loss pays the
    square of the distance for each.

    ## What to try
    - Replace it by NaN when reading, and treat that as missing: leave the row out, or fill it with a column that says where.

    ## When it is wrong
    Where the number is a real measurement at the end of a scale.
    """

    meta: ClassVar = RuleMeta(
        code="AUD009", name="sentinel-values", since="0.1", summary='a number such as -999 stands for "missing"'
    )

    apart: float = 5.0
    """Deviations of the other values between it and their mean: real values of such a size do not repeat exactly."""

    least: int = 2
    """It occurs more than once."""

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Speak once of each array or table, of the commonest such value."""
        for block in blocks(subject, "values", "categories"):
            found = [(part, s) for part in block.parts if (s := self._sentinel(part.column)) is not None]
            if found:
                yield self._found(block, found)

    def _sentinel(self, column: ColumnSummary) -> Sentinel | None:
        for value, count in column.frequent:
            if count < self.least or count >= column.count or not is_sentinel(value):
                continue
            without = _without(column, value, count)
            if without.deviation > 0 and abs(value - without.mean) > self.apart * without.deviation:
                return without
        return None

    def _found(self, block: Block, found: list[tuple[Part, Sentinel]]) -> Finding:
        worst, one = max(found, key=lambda pair: pair[1].count / pair[0].column.count)
        column, name = worst.column, worst.name
        part = one.count / column.count
        more = f" (and {len(found) - 1} more {block.unit}s hold such a value)" if len(found) > 1 else ""
        squares = second_moment(column)
        return self.finding(
            f"{share(part)} of {name} is {n(one.value)}, which stands for missing{more}",
            Evidence(
                label=f"mean of {name}",
                measured=column.mean,
                expected=one.mean,
                formula="without it",
                note=f"{one.count:,} of {column.count:,}",
            ),
            Evidence(
                label="standard deviation", measured=column.deviation, expected=one.deviation, formula="without it"
            ),
            severity=Severity.ERROR if block.target else Severity.WARNING,
            confidence=0.9,
            why=f"scaled with it, the true values vary by {n(one.deviation / column.deviation)} instead of 1"
            + (
                f"; {share(part * squared(one.value) / squares)} of the sum of squares, and so of a squared loss, is this one number"
                if block.target
                else ""
            ),
            do=("read it as missing: leave those rows out, or fill them and add a column that says where",),
            check=f"ask where {n(one.value)} comes from: a real measurement refutes it",
            decided_by="data",
            rank=80,
        )


def is_sentinel(value: float) -> bool:
    """Whether programs write this number for "missing".

    >>> [is_sentinel(v) for v in (-999.0, 1e20, -1.0, 65535.0, 123456.0, 0.0)]
    [True, True, False, True, False, False]
    """
    if value in _FORMAT_ENDS or value in _NINES:
        return True
    size = abs(value)
    if size >= 1e4 and math.isclose(size, 10.0 ** round(math.log10(size)), rel_tol=1e-6):
        return True
    return math.isclose(size, _NETCDF, rel_tol=1e-6) or math.isclose(size, _FLOAT32_MAX, rel_tol=1e-6)


def _without(column: ColumnSummary, value: float, count: int) -> Sentinel:
    """Take ``count`` copies of one value out of the moments: Chan's merge, backwards."""
    rest = column.count - count
    mean = column.mean + (column.mean - value) * count / rest
    m2 = column.m2 - squared(value - mean) * count * rest / column.count
    return Sentinel(value, count, mean, math.sqrt(max(m2, 0.0) / rest))

"""AUD007: features that never vary."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final, final

from traindx.dataset.checks.blocks import Block, Part, blocks
from traindx.dataset.checks.data_check import DataCheck
from traindx.dataset.checks.subject import Subject
from traindx.dataset.checks.wording import n, some
from traindx.dataset.summary import ColumnSummary
from traindx.diagnosis import Evidence, Finding, RuleMeta, Severity

_FLOAT32_EPSILON = 2.0**-24  # half the distance of neighbouring float32 numbers, relative: what rounding leaves
RELATIVE: Final = 1e-6


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ConstantFeatures(DataCheck):
    """Some features hold one value, or vary by less than rounding.

    ## What it looks at
    The deviation of each feature against its mean.

    ## Why it matters
    Dividing by a deviation of 0 gives NaN or infinity. Adding 1e-8 to it is no guard: a constant 5.1 in single precision keeps a rounding rest
    of about 3e-7, which becomes 30 deviations; and a feature that was constant in training and moves by 0.01 in use becomes a million. A NaN
    that is masked afterwards still makes NaN gradients (0 × NaN is NaN).

    ## What to try
    - Leave the feature out, or divide by 1 where the deviation is below a millionth of the mean: `np.where(sd < eps, 1, sd)`.

    ## When it is wrong
    Columns kept for other splits, in which they vary; padding that no loss looks at.
    """

    meta: ClassVar = RuleMeta(
        code="AUD007",
        name="constant-features",
        since="0.1",
        summary="features that hold one value, or vary by less than rounding",
    )

    relative: float = RELATIVE
    """Single precision resolves 6e-8 of a value: below a millionth, deviations are mostly rounding."""

    rows: int = 8
    """Fewer rows may agree by luck."""

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Speak once of each array or table with such features."""
        for block in blocks(subject, "values", "image", "categories"):
            looked = [part for part in block.parts if part.column.count >= self.rows]
            flat = [part for part in looked if is_flat(part.column, self.relative)]
            if flat:
                yield self._found(block, flat, every=len(flat) == len(looked))

    def _found(self, block: Block, flat: list[Part], *, every: bool) -> Finding:
        worst = max(flat, key=lambda part: abs(part.column.mean))
        column, rest = worst.column, abs(worst.column.mean) * _FLOAT32_EPSILON
        names = some([part.column.name if block.unit == "feature" else part.name for part in flat])
        told = (
            f"{block.some_of(len(flat))} {'never varies' if len(flat) == 1 else 'never vary'} ({names})"
            if len(block.parts) > 1
            else f"{block.name} never varies: it is {n(column.mean)} in all {column.count:,} rows"
        )
        zero = all(part.column.minimum == part.column.maximum == 0 for part in flat)  # padding: scaled, it stays zero
        guard = (
            f"the rounding rest of single precision, {n(rest)}, becomes {n(rest / 1e-8)} deviations behind a divisor of 1e-8, and "
            if rest > 1e-8
            else "behind a divisor of 1e-8, "
        )
        return self.finding(
            told,
            Evidence(
                label=f"standard deviation of {worst.name}",
                measured=column.deviation,
                expected=self.relative * abs(column.mean),
                formula="least that is more than rounding",
                note=f"value {n(column.mean)}",
            ),
            severity=Severity.ERROR if every and block.target else Severity.WARNING if not zero else Severity.INFO,
            confidence=0.95,
            why="a target without variance can be answered by a constant: nothing can be learnt from it"
            if every and block.target
            else f"{guard}a value that moves by 0.01 in use becomes {n(0.01 / 1e-8)}",
            do=("leave them out, or divide by 1 where the deviation is that small: np.where(sd < eps, 1, sd)",),
            check="count the distinct values of the feature in another split",
            decided_by="data",
            rank=40,
        )


def is_flat(column: ColumnSummary, relative: float = RELATIVE) -> bool:
    """Whether a column holds one value, or varies by less than rounding: such a one has no scale to divide by."""
    return column.minimum == column.maximum or column.deviation < relative * abs(column.mean)

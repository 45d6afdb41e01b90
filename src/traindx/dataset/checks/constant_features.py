"""AUD007: features that never vary."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.dataset.checks.data_check import DataCheck
from traindx.dataset.checks.subject import Subject, called, columns
from traindx.dataset.checks.wording import n, some
from traindx.dataset.summary import ArraySummary, ColumnSummary
from traindx.diagnosis import Evidence, Finding, RuleMeta, Severity

_FLOAT32_EPSILON = 2.0**-24  # half the distance of neighbouring float32 numbers, relative: what rounding leaves


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
        since="0.2",
        summary="features that hold one value, or vary by less than rounding",
    )

    relative: float = 1e-6
    """Single precision resolves 6e-8 of a value: below a millionth, deviations are mostly rounding."""

    rows: int = 8
    """Fewer rows may agree by luck."""

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Speak once of each array with such features."""
        for array in subject.of_role("values", "image", "categories"):
            looked = [c for c in columns(array) if c.count >= self.rows]
            flat = [c for c in looked if self._is_flat(c)]
            if flat:
                yield self._found(subject, array, flat, len(looked))

    def _is_flat(self, column: ColumnSummary) -> bool:
        if column.minimum == column.maximum:
            return True
        return column.deviation < self.relative * abs(column.mean)

    def _found(self, subject: Subject, array: ArraySummary, flat: list[ColumnSummary], of: int) -> Finding:
        worst = max(flat, key=lambda c: abs(c.mean))
        rest = abs(worst.mean) * _FLOAT32_EPSILON
        name = called(array)
        every = len(flat) == of
        told = f"{name} never varies: it is {n(worst.mean)} in all {worst.count:,} rows" if of == 1 else ""
        told = (
            told
            or f"{'all' if every else len(flat)} {of if every else f'of {of}'} features of {name} never vary ({some([c.name or '?' for c in flat])})"
        )
        guard = (
            f"the rounding rest of single precision, {n(rest)}, becomes {n(rest / 1e-8)} deviations behind a divisor of 1e-8, and "
            if rest > 1e-8
            else "behind a divisor of 1e-8, "
        )
        return self.finding(
            told,
            Evidence(
                label=f"standard deviation of {called(array, worst)}",
                measured=worst.deviation,
                expected=self.relative * abs(worst.mean),
                formula="least that is more than rounding",
                note=f"value {n(worst.mean)}",
            ),
            severity=Severity.ERROR
            if every and subject.is_target(array)
            else Severity.WARNING
            if not _is_zero(flat)
            else Severity.INFO,
            confidence=0.95,
            why="a target without variance can be answered by a constant: nothing can be learnt from it"
            if every and subject.is_target(array)
            else f"{guard}a value that moves by 0.01 in use becomes {n(0.01 / 1e-8)}",
            do=("leave them out, or divide by 1 where the deviation is that small: np.where(sd < eps, 1, sd)",),
            check="count the distinct values of the feature in another split",
            decided_by="data",
            rank=40,
        )


def _is_zero(flat: list[ColumnSummary]) -> bool:
    """Whether all of them are zero throughout, as padding and unused inputs are: scaled, they stay zero."""
    return all(c.minimum == c.maximum == 0 for c in flat)

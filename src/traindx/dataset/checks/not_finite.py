"""AUD008: values that are no numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.dataset.checks.data_check import DataCheck
from traindx.dataset.checks.subject import Subject, called, columns
from traindx.dataset.checks.wording import share, some
from traindx.dataset.summary import ArraySummary, ColumnSummary
from traindx.diagnosis import Evidence, Finding, RuleMeta, Severity


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class NotFinite(DataCheck):
    """Some values are NaN or infinite.

    ## What it looks at
    How many entries of each feature are NaN, plus infinity or minus infinity.

    ## Why it matters
    One NaN in a batch makes its mean loss NaN, and one step on that makes every weight NaN. A loop that skips such batches hides it: with
    one value in a thousand missing, 23 % of all batches of 256 are thrown away, and those that remain are no fair sample.

    ## What to try
    - Find where they come from: 0/0 in a ratio, a logarithm of 0, a join without a partner, an overflow of half precision.
    - Fill them on purpose, with a column that says where, or leave those rows out.

    ## When it is wrong
    Columns in which missing is an answer, for models that take it (some trees).
    """

    meta: ClassVar = RuleMeta(code="AUD008", name="not-finite", since="0.2", summary="values that are NaN or infinite")

    batch: int = 256
    """The batch for which the share of spoilt ones is told."""

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Speak once of each array with such values."""
        for array in subject.of_role("values", "image", "labels", "categories", "boxes", "statistics"):
            whole = array.whole
            infinite = whole.positive_infinite + whole.negative_infinite
            if whole.nan or infinite:
                yield self._found(subject, array, whole.nan, infinite)

    def _found(self, subject: Subject, array: ArraySummary, nan: int, infinite: int) -> Finding:
        whole = array.whole
        bad = [c for c in columns(array) if _lost(c)]
        worst = max(bad, key=lambda c: _lost(c) / max(c.rows, 1), default=whole)
        part = _lost(worst) / max(worst.rows, 1)
        spoilt = 1 - (1 - part) ** self.batch
        kinds = " and ".join(
            filter(None, (f"{nan:,} NaN" if nan else "", f"{infinite:,} infinite values" if infinite else ""))
        )
        where = (
            f" in {len(bad)} of {len(array.features)} features ({some([c.name or '?' for c in bad])})"
            if len(array.features) > 1
            else ""
        )
        return self.finding(
            f"{called(array)} holds {kinds} among {whole.rows:,}{where}",
            Evidence(
                label=f"share of {called(array, worst)} that is no number",
                measured=part,
                expected=0.0,
                formula="all values finite",
                note=f"{_lost(worst):,} of {worst.rows:,}",
            ),
            severity=Severity.ERROR,
            confidence=0.95,
            why=f"{share(spoilt)} of all batches of {self.batch} meet at least one of them, if they are spread evenly: "
            f"{'their loss' if subject.is_target(array) else 'whatever is computed from them'} is NaN",
            do=("find where they come from, and leave those rows out or fill them on purpose",),
            check="count them again in the batches that the model sees: a loader may already leave them out",
            decided_by="data",
            rank=85,
        )


def _lost(column: ColumnSummary) -> int:
    return column.nan + column.positive_infinite + column.negative_infinite

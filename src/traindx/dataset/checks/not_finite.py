"""AUD008: values that are no numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.dataset.checks.blocks import Block, Part, blocks
from traindx.dataset.checks.data_check import DataCheck
from traindx.dataset.checks.subject import Subject
from traindx.dataset.checks.wording import share, some
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

    meta: ClassVar = RuleMeta(code="AUD008", name="not-finite", since="0.1", summary="values that are NaN or infinite")

    batch: int = 256
    """The batch for which the share of spoilt ones is told."""

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Speak once of each array or table with such values."""
        for block in blocks(subject, "values", "image", "labels", "categories", "boxes", "statistics"):
            bad = [part for part in block.parts if part.column.not_finite]
            if bad:
                yield self._found(block, bad)

    def _found(self, block: Block, bad: list[Part]) -> Finding:
        worst = max(bad, key=lambda part: part.column.not_finite / max(part.column.rows, 1))
        column, nan = worst.column, sum(part.column.nan for part in bad)
        infinite = sum(part.column.not_finite for part in bad) - nan
        part = column.not_finite / max(column.rows, 1)
        spoilt = 1 - (1 - part) ** self.batch
        kinds = " and ".join(
            filter(None, (f"{nan:,} NaN" if nan else "", f"{infinite:,} infinite values" if infinite else ""))
        )
        names = (
            f" ({some([p.column.name if block.unit == 'feature' else p.name for p in bad])})"
            if len(block.parts) > 1
            else ""
        )
        return self.finding(
            f"{block.some_of(len(bad))} hold{'s' if len(bad) == 1 else ''} {kinds} among {sum(p.column.rows for p in bad):,}{names}",
            Evidence(
                label=f"share of {worst.name} that is no number",
                measured=part,
                expected=0.0,
                formula="all values finite",
                note=f"{column.not_finite:,} of {column.rows:,}",
            ),
            severity=Severity.ERROR,
            confidence=0.95,
            why=f"{share(spoilt)} of all batches of {self.batch} meet at least one of them, if they are spread evenly: "
            f"{'their loss' if block.target else 'whatever is computed from them'} is NaN",
            do=("find where they come from, and leave those rows out or fill them on purpose",),
            check="count them again in the batches that the model sees: a loader may already leave them out",
            decided_by="data",
            rank=85,
        )

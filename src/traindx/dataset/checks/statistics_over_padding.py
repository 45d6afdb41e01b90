"""AUD004: statistics were taken over padding as well."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.dataset.checks.data_check import DataCheck
from traindx.dataset.checks.hypotheses import Moments, agrees
from traindx.dataset.checks.padded_moments import moments_with_padding
from traindx.dataset.checks.subject import Subject, called, columns, compared
from traindx.dataset.checks.wording import n, share
from traindx.dataset.stored import StoredStatistics
from traindx.dataset.summary import ArraySummary
from traindx.dataset.tails import squared
from traindx.diagnosis import Evidence, Finding, RuleMeta, Severity


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class StatisticsOverPadding(DataCheck):
    """The mean and deviation of padded values counted the padding.

    ## What it looks at
    Where a mask or the zeros show that a share 1 - f of an array is padding: the stored mean and deviation against those of all
    entries and of the active ones alone; and, without stored ones, whether all entries together have mean 0 and deviation 1.

    ## Why it matters
    Zeros pull the deviation down to about √f of the true one. Scaled by it, the active values have a mean square of 1/f, not 1, and that is what
    answering zero scores in a loss that rightly counts active entries alone: 3.4 instead of 1 where f is 0.29.

    ## What to try
    - Compute mean and deviation over the active entries, and keep padding at 0 after scaling.

    ## When it is wrong
    Where zeros are data: sparse counts, dark pixels. Give the mask with `--mask NAME`, and the zeros are no longer guessed about.
    """

    meta: ClassVar = RuleMeta(
        code="AUD004",
        name="statistics-over-padding",
        since="0.1",
        summary="stored or applied statistics count the padding as data",
    )
    needs: ClassVar = "padding"

    least_padding: float = 0.05
    """Less padding changes the deviation by under 3 %."""

    unit: float = 0.05
    """Deviations of padded wholes that were scaled to 1 end this close to it; others do so by luck in one case of ten at most."""

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Speak of each padded array whose statistics, stored or applied, are those of all entries."""
        stored = {one.of: one for one in subject.stored}
        for array in subject.of_role("values"):
            active, how = self._active(subject, array)
            if not 0 < active <= 1 - self.least_padding:
                continue
            known = stored.get(array.name)
            whole, alone = moments_with_padding(array, compared(array, known) if known else columns(array), active)
            if known is not None and agrees(array, known, whole) and not agrees(array, known, alone):
                yield self._found(subject, array, active, how, known, alone)
                continue
            # scaled by one deviation for all, or feature by feature
            for looked in ((array.whole,), columns(array)):
                whole, alone = moments_with_padding(array, looked, active)
                if self._scaled(whole) and not self._scaled(alone):
                    yield self._found(subject, array, active, how, None, alone)
                    break

    def _active(self, subject: Subject, array: ArraySummary) -> tuple[float, str]:
        if array.masked_share > 0:
            return 1 - array.masked_share, "by the mask"
        told = subject.active.get(array.name)
        return (told.share, told.how) if told else (1.0, "")

    def _scaled(self, moments: list[Moments]) -> bool:
        """Whether all features together have mean 0 and deviation 1."""
        known = [(m, s) for m, s in moments if s > 0]
        mean = sum(m for m, _ in known) / max(len(known), 1)
        square = sum(m * m + s * s for m, s in known) / max(len(known), 1)
        return abs(mean) <= self.unit and abs(math.sqrt(square) - 1) <= self.unit

    def _found(
        self,
        subject: Subject,
        array: ArraySummary,
        active: float,
        how: str,
        stored: StoredStatistics | None,
        alone: list[Moments],
    ) -> Finding:
        squares = [
            (squared(m - mean) + squared(s)) / squared(deviation)
            for i, (m, s) in enumerate(alone)
            for mean, deviation in (stored.at(i) if stored else (0.0, 1.0),)
            if squared(deviation) > 0 and s > 0
        ]
        square = sum(squares) / len(squares) if squares else math.nan
        source = f"the statistics in {stored.where}" if stored else "the scaling"
        loss = "a loss over active entries" if subject.is_target(array) else "the first layer"
        return self.finding(
            f"{source} counted padding: active values of {called(array)} have a mean square of {n(square)}, not 1, once scaled",
            Evidence(
                label="mean square of active values, scaled",
                measured=square,
                expected=1 / active,
                formula=f"1 / {n(active)}, the active share",
            ),
            Evidence(label="share of padding", measured=1 - active, note=how),
            severity=Severity.WARNING,
            confidence=0.9 if "mask" in how else 0.7,
            why=f"{share(1 - active)} of the entries are zeros and shrink the deviation to {n(active**0.5)} of the true one: "
            f"{loss} sees a second moment of {n(square)}, so 1.0 is no longer the line between knowing something and nothing",
            do=("compute mean and deviation over the active entries alone, and keep padding at 0 after scaling",),
            check=f"mean square of the active scaled values: 1 refutes it, {n(1 / active)} confirms it",
            decided_by="data",
            rank=70,
        )

"""AUD002: statistics lie in the dataset and are not applied to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.dataset.checks.data_check import DataCheck
from traindx.dataset.checks.hypotheses import best_fit
from traindx.dataset.checks.subject import Subject, called, compared
from traindx.dataset.checks.wording import n
from traindx.dataset.stored import StoredStatistics
from traindx.dataset.summary import ArraySummary
from traindx.dataset.tails import second_moment, squared
from traindx.diagnosis import Evidence, Finding, RuleMeta, Severity


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class StoredStatisticsUnused(DataCheck):
    """The dataset carries a mean and a deviation that its values still have: they were stored, not applied.

    ## What it looks at
    Arrays, attributes and JSON files of the dataset that are named as a mean and a deviation, against the mean and deviation of the array that
    they belong to. Values that were scaled have mean 0 and deviation 1; values that have the stored ones were not scaled.

    ## Why it matters
    Whoever wrote the file meant the values to be scaled before training, and the loader has to do it. Where it does not, the loss begins at
    the second moment of the raw targets, and its size tells nothing.

    ## What to try
    - Apply (x - mean) / deviation in the loader, and undo it on predictions.
    - Print the first batch's mean and deviation.

    ## When it is wrong
    Loaders that scale on the fly: the file is then as it should be, and the first batch shows it.
    """

    meta: ClassVar = RuleMeta(
        code="AUD002",
        name="stored-statistics-unused",
        since="0.2",
        summary="the statistics stored with the data are not applied to them",
    )
    needs: ClassVar = "stored"

    near_unit: float = 0.25
    """Where the stored statistics are within a quarter of 0 and 1, applying them would hardly change anything."""

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Speak of each array that still has its stored statistics."""
        by_name = {array.name: array for array in subject.of_role("values", "image")}
        for stored in subject.stored:
            array = by_name.get(stored.of)
            fit = best_fit(array, stored) if array is not None else None
            if array is None or fit is None or fit.name != "raw" or self._is_unit(stored):
                continue
            yield self._found(subject, array, stored)

    def _is_unit(self, stored: StoredStatistics) -> bool:
        return all(
            abs(m) <= self.near_unit * max(s, 1e-300) and abs(s - 1) <= self.near_unit
            for m, s in (stored.at(i) for i in range(max(len(stored.mean), len(stored.deviation))))
        )

    def _found(self, subject: Subject, array: ArraySummary, stored: StoredStatistics) -> Finding:
        place, worst = max(enumerate(compared(array, stored)), key=lambda pair: abs(pair[1].deviation))
        mean, deviation = stored.at(place)
        target, square = subject.is_target(array), second_moment(worst)
        unit = squared(deviation)
        after = (squared(worst.mean - mean) + worst.variance) / unit if unit > 0 else float("nan")
        return self.finding(
            f"{called(array)} still has the mean {n(worst.mean)} and deviation {n(worst.deviation)} that {stored.where} keep{'' if ' and ' in stored.where else 's'} for it: not applied",
            Evidence(
                label=f"standard deviation of {called(array, worst)}",
                measured=worst.deviation,
                expected=1.0,
                formula="after (x - mean) / deviation",
                note=f"stored: {n(deviation)}",
            ),
            Evidence(
                label="mean",
                measured=worst.mean,
                expected=0.0,
                formula="after (x - mean) / deviation",
                note=f"stored: {n(mean)}",
            ),
            severity=Severity.ERROR if target else Severity.WARNING,
            confidence=0.9,
            why=f"the mean square is {n(square)} and would be {n(after)} once applied: "
            + (
                f"a squared loss begins {n(square / after)} times as high, for the units alone"
                if target
                else f"the first layer's inputs are {n((square / after) ** 0.5)} times as large as they were meant to be"
            ),
            do=(f"apply (x - mean) / deviation from {stored.where} in the loader, and undo it on predictions",),
            check="print mean and deviation of the first batch: 0 and 1 means that the loader applies them",
            decided_by="data",
            rank=75,
        )

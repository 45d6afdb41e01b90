"""AUD002: statistics lie in the dataset and are not applied to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.dataset.checks.data_check import DataCheck
from traindx.dataset.checks.hypotheses import Moments, best_fit
from traindx.dataset.checks.padded_moments import moments_with_padding
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
        since="0.1",
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
            raw = _raw_moments(array, stored) if array is not None and not self._is_unit(stored) else None
            if array is not None and raw is not None:
                yield self._found(subject, array, stored, raw)

    def _is_unit(self, stored: StoredStatistics) -> bool:
        return all(
            abs(m) <= self.near_unit * max(s, 1e-300) and abs(s - 1) <= self.near_unit
            for m, s in (stored.at(i) for i in range(max(len(stored.mean), len(stored.deviation))))
        )

    def _found(
        self, subject: Subject, array: ArraySummary, stored: StoredStatistics, raw: Sequence[Moments]
    ) -> Finding:
        place, worst = max(enumerate(compared(array, stored)), key=lambda pair: abs(pair[1].deviation))
        mean, deviation = stored.at(place)
        target, square = subject.is_target(array), second_moment(worst)
        own = raw[place]
        again = (
            ""
            if own == (worst.mean, worst.deviation)
            else "take mean and deviation over the active entries alone, then "
        )
        unit = squared(deviation)
        after = (squared(worst.mean - mean) + worst.variance) / unit if unit > 0 else float("nan")
        return self.finding(
            f"{called(array)} still has the mean {n(own[0])} and deviation {n(own[1])} that {stored.where} keep{'' if ' and ' in stored.where else 's'} for it: not applied",
            Evidence(
                label=f"standard deviation of {called(array, worst)}",
                measured=own[1],
                expected=1.0,
                formula="after (x - mean) / deviation",
                note=f"stored: {n(deviation)}",
            ),
            Evidence(
                label="mean",
                measured=own[0],
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
            do=(
                f"{again}apply (x - mean) / deviation{'' if again else f' from {stored.where}'} in the loader, and undo it on predictions",
            ),
            check="print mean and deviation of the first batch: 0 and 1 means that the loader applies them",
            decided_by="data",
            rank=75,
        )


def _raw_moments(array: ArraySummary, stored: StoredStatistics) -> Sequence[Moments] | None:
    """The moments of the array as it is, where the stored ones are these; those of all its entries where they were taken over padding."""
    own = [(column.mean, column.deviation) for column in compared(array, stored)]
    candidates = [own]
    if array.masked_share > 0:
        candidates.append(moments_with_padding(array, compared(array, stored), 1 - array.masked_share)[0])
    for moments in candidates:
        fit = best_fit(array, stored, moments)
        if fit is not None and fit.name == "raw":
            return moments
    return None

"""AUD003: values were scaled twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.dataset.checks.data_check import DataCheck
from traindx.dataset.checks.hypotheses import best_fit
from traindx.dataset.checks.subject import Subject, called, compared
from traindx.dataset.checks.wording import n
from traindx.diagnosis import Evidence, Finding, RuleMeta, Severity


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class StatisticsAppliedTwice(DataCheck):
    """The values have been scaled by the stored statistics twice.

    ## What it looks at
    The mean m and deviation s that the dataset stores. Values scaled once have mean 0 and deviation 1; scaled again they have mean -m/s and
    deviation 1/s.

    ## Why it matters
    The signal is squeezed to 1/s of its size around a constant: inputs tell a network next to nothing, and targets make the loss of a constant
    answer so small that it looks like success. Undoing the scaling once on predictions then gives wrong units.

    ## What to try
    - Scale in one place: when the file is written, or in the loader.

    ## When it is wrong
    Where the stored statistics belong to another quantity of the same name.
    """

    meta: ClassVar = RuleMeta(
        code="AUD003",
        name="statistics-applied-twice",
        since="0.1",
        summary="values were scaled by the stored statistics twice",
    )
    needs: ClassVar = "stored"

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Speak of each array whose moments are those of twice scaled values."""
        by_name = {array.name: array for array in subject.of_role("values", "image")}
        for stored in subject.stored:
            array = by_name.get(stored.of)
            fit = best_fit(array, stored) if array is not None else None
            if array is None or fit is None or fit.name != "twice":
                continue
            place, worst = max(enumerate(compared(array, stored)), key=lambda pair: abs(stored.at(pair[0])[1]))
            mean, deviation = stored.at(place)
            yield self.finding(
                f"{called(array)} was scaled twice: mean {n(worst.mean)} and deviation {n(worst.deviation)}, for stored {n(mean)} and {n(deviation)}",
                Evidence(
                    label=f"mean of {called(array, worst)}",
                    measured=worst.mean,
                    expected=-mean / deviation,
                    formula=f"-{n(mean)} / {n(deviation)}",
                ),
                Evidence(
                    label="standard deviation",
                    measured=worst.deviation,
                    expected=1 / deviation,
                    formula=f"1 / {n(deviation)}",
                ),
                severity=Severity.ERROR,
                confidence=0.9,
                why=f"a constant answer scores {n(worst.variance)} in squared error instead of 1: the loss looks good and is not"
                if subject.is_target(array)
                else f"the values vary by {n(worst.deviation)} around {n(worst.mean)}: a network sees a constant",
                do=("scale once: when the file is written or in the loader, not both",),
                check=f"multiply by {n(deviation)} and add {n(mean)}: mean 0 and deviation 1 confirm it",
                decided_by="data",
                rank=76,
            )

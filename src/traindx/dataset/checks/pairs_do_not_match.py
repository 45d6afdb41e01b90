"""AUD019: the rows of two arrays that should belong together do not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.dataset.checks.data_check import DataCheck
from traindx.dataset.checks.subject import Subject
from traindx.dataset.checks.wording import n
from traindx.diagnosis import Evidence, Finding, RuleMeta, Severity


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class PairsDoNotMatch(DataCheck):
    """The rows of two arrays are no more related than rows put together at random.

    ## What it looks at
    For the arrays of `--pair A B`: the linear dependence of their rows as they are paired, against 200 random pairings and against rows displaced by up
    to three.

    ## Why it matters
    Shuffling one side and not the other, or one dropped line, leaves pairs that teach nothing: a contrastive loss stays at ln(batch), a
    regression at the variance of its targets, and nothing in the code fails.

    ## What to try
    - Join the two sides by an identifier instead of by place; keep it in both files.

    ## When it is wrong
    Pairs whose relation is not linear in these numbers, such as raw pixels and captions: use embeddings.
    """

    meta: ClassVar = RuleMeta(
        code="AUD019",
        name="pairs-do-not-match",
        since="0.1",
        summary="rows of two arrays are related no more than at random",
    )
    needs: ClassVar = "pairs"

    deviations: float = 4.0
    """Random pairings reach four of their own deviations once in ten thousand."""

    least_rows: int = 50
    """Fewer rows hold too little to tell a weak relation from none."""

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Speak of each pair of arrays that was asked for."""
        for pair in subject.pairs:
            if pair.rows < self.least_rows or not pair.deviations < self.deviations:
                continue
            elsewhere = (pair.at_shift - pair.shuffled) / pair.spread
            shifted = pair.shift != 0 and elsewhere > 2 * self.deviations
            yield self.finding(
                f"{pair.first} and {pair.second} are related no more than random pairs ({n(pair.deviations)} deviations)"
                + (
                    f", and {n(elsewhere)} deviations when displaced by {pair.shift} row{'s' if abs(pair.shift) > 1 else ''}"
                    if shifted
                    else ""
                ),
                Evidence(
                    label="dependence of the pairs",
                    measured=pair.measured,
                    expected=pair.shuffled,
                    formula=f"mean of random pairings, ± {n(pair.spread)}",
                    note=f"{pair.rows:,} of {pair.of:,} rows",
                ),
                severity=Severity.ERROR,
                confidence=0.97 if shifted else 0.7,
                why="a model trained on such pairs can learn the frequencies of the answers and nothing else",
                do=(f"displace one side by {-pair.shift}: a row was dropped or a header read as one",)
                if shifted
                else ("join the two sides by an identifier instead of by place",),
                check="ten pairs, looked at by eye, belong together",
                decided_by="data",
                rank=91,
            )

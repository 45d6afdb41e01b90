"""PRF003: chosen answers become less likely, too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.context import READINGS, TASKS, Case, Reading
from traindx.diagnosis import Finding, Severity
from traindx.rules.choosing import across, level_of
from traindx.rules.preference.pairs import chosen_of, is_preference, rejected_of
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenLikelihoodFalls(Rule):
    """Chosen answers become less likely during training, and rejected ones with them.

    ## What it looks at
    The log-probabilities of chosen and rejected answers: their level over the first tenth of the run and over the last.

    ## Why it matters
    A preference loss only asks for a difference. It is often met by making both answers unlikely; the probability goes
    to answers that nobody ranked. A moderate fall is usual, a doubling of the negative log-probability is not.

    ## What to try
    - Add a likelihood term on the chosen answers (RPO, or the sum with the supervised loss).
    - Raise beta, lower the learning rate, or stop earlier; take out pairs that are nearly alike.

    ## When it is wrong
    Chosen answers that the policy would never give: their likelihood may fall without harm.
    """

    meta: ClassVar = RuleMeta(
        code="PRF003", name="chosen-likelihood-falls", since="0.1", summary="chosen answers become less likely, too"
    )
    needs: ClassVar = (READINGS, TASKS)

    points: int = 20
    fall_share: float = 0.05
    """A twentieth of the log-probability is more than different batches of answers explain over a tenth of the run."""

    sure_z: float = 4.0
    grave_factor: float = 2.0

    def check(self, case: Case) -> Iterator[Finding]:
        chosen = chosen_of(case, "log_probability") if is_preference(case) else None
        rejected = rejected_of(case, "log_probability")
        if chosen is None or rejected is None or chosen.curve is None or chosen.curve.count < self.points:
            return
        begun, now = _ends(chosen)
        rejected_begun, rejected_now = _ends(rejected)
        fell = begun - now
        if not (
            fell > self.fall_share * abs(begun)
            and fell > self.sure_z * chosen.curve.error
            and rejected_now < rejected_begun
        ):
            return
        grave = begun < 0 and now < self.grave_factor * begun
        yield self.finding(
            f"{chosen.name} fell from {begun:.4g} to {now:.4g}: chosen answers become less likely, rejected ones too ({rejected_begun:.4g} to {rejected_now:.4g})",
            across(
                case,
                chosen,
                f"{chosen.name} at the end",
                now,
                first=0.9,
                expected=begun,
                formula="its level at the start",
                unit="nats",
            ),
            severity=Severity.WARNING if grave else Severity.INFO,
            confidence=0.85,
            why="the loss is met by a difference; the probability that both answers lose goes to answers that nobody ranked",
            do=(
                "add a likelihood term on the chosen answers",
                "raise beta or lower the learning rate, and stop where the held-out reward accuracy is best",
            ),
            check="generate ten answers: repetitions or another language show where the probability went",
            rank=38 if grave else 20,
        )


def _ends(reading: Reading) -> tuple[float, float]:
    return level_of(reading, 0.0, 0.1), level_of(reading, 0.9, 1.0)

"""SEQ002: more errors than words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.context import JUDGED_LOSS, READINGS, Case, Reading
from traindx.diagnosis import Finding, Severity
from traindx.rules.choosing import across, level_of, sample
from traindx.rules.rule import Rule, RuleMeta
from traindx.rules.sequence.words import epochs_of, error_rates, late_share


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class MoreErrorsThanWords(Rule):
    """The error rate of a transcription stays above 100 %: more errors than there are words.

    ## What it looks at
    Word and character error rates over the last half of the evaluations, and whether they come down.

    ## Why it matters
    An empty answer scores 100 %. More than that takes words that nobody said: repetition without end, another language,
    padding decoded as text, or labels and predictions that are scored in two spellings.

    ## What to try
    - Read five transcripts beside their references.
    - Check the end-of-sequence token, the longest length of generation, the padding index (-100), the language and task
      tokens, and that both sides are normalised alike.

    ## When it is wrong
    Early evaluations of models that still learn when to stop.
    """

    meta: ClassVar = RuleMeta(
        code="SEQ002", name="more-errors-than-words", since="0.1", summary="an error rate that stays above 100 %"
    )
    needs: ClassVar = (READINGS,)
    may_use: ClassVar = (JUDGED_LOSS,)
    explained_by: ClassVar = ("BAS004", "SEQ001", "NAN001", "NAN002", "DIV001", "DIV002")

    evaluations: int = 4
    sure_evaluations: int = 8
    late_epochs: float = 8.0
    above: float = 1.02
    falling: float = 0.95

    def check(self, case: Case) -> Iterator[Finding]:
        for rate in error_rates(case):
            lowest, middle = late_share(rate)
            values = sample(rate)
            if len(values) < self.evaluations or not lowest >= self.above:
                continue
            if values[-1] < self.falling * values[len(values) // 2]:
                continue
            yield self._describe(case, rate, middle)
            return

    def _describe(self, case: Case, rate: Reading, middle: float) -> Finding:
        loss = case.get(JUDGED_LOSS)
        fell = loss is not None and loss.curve is not None and level_of(loss, 0.9) < 0.9 * loss.curve.start.value
        sure = len(rate.series) >= self.sure_evaluations or epochs_of(rate) >= self.late_epochs
        return self.finding(
            f"{rate.name} is {100 * middle:.0f} % over the last half of {len(rate.series)} evaluations: more errors than words"
            + (f", although {loss.name} falls" if fell and loss is not None else ""),
            across(
                case,
                rate,
                f"{rate.name} over the last half, as a share",
                middle,
                first=0.5,
                expected=1.0,
                formula="an empty answer",
            ),
            severity=Severity.ERROR if sure else Severity.WARNING,
            condition="at_chance" if sure else None,
            confidence=0.9 if sure else 0.75,
            why="more errors than words take words that nobody said: repetition, another language, decoded padding",
            do=(
                "read five transcripts beside their references",
                "check end-of-sequence, padding index, language tokens and the longest length of generation",
            ),
            check="score the references against themselves through the same code: the rate must be 0",
            rank=63,
        )

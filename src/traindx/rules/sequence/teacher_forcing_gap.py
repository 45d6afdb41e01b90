"""SEQ006: right with the answer before it, wrong without."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.context import READINGS, Case, Reading
from traindx.diagnosis import Finding, Severity
from traindx.rules.choosing import across, level_of, readings_of
from traindx.rules.rule import Rule, RuleMeta
from traindx.rules.sequence.words import error_rates, late_share


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class TeacherForcingGap(Rule):
    """Tokens are predicted rightly when the true text stands before them, and decoding alone gets nearly everything wrong.

    ## What it looks at
    The accuracy over tokens on held-out data (the true text given) and the error rate of decoded text, both over the last
    half of the evaluations.

    ## Why it matters
    A model that is right about nine tokens of ten cannot get nine words of ten wrong, unless decoding differs from training:
    other start or end tokens, other normalisation, a cache that is wrong, or a decoder that ignores the input.

    ## What to try
    - Decode one training example step by step, and compare the logits with those of training.
    - Check start, end and padding tokens; decode without a cache and with greedy search.

    ## When it is wrong
    Accuracies that count padding; text that the decoder can guess without hearing anything.
    """

    meta: ClassVar = RuleMeta(
        code="SEQ006", name="teacher-forcing-gap", since="0.1", summary="right with the true text given, wrong alone"
    )
    needs: ClassVar = (READINGS,)
    explained_by: ClassVar = ("SEQ002",)

    evaluations: int = 4
    right: float = 0.9
    wrong: float = 0.8

    def check(self, case: Case) -> Iterator[Finding]:
        forced = self._accuracy(case)
        rates = [r for r in error_rates(case) if r.held_out and r.role.component is None]
        if forced is None or not rates or min(len(r.series) for r in (forced, *rates)) < self.evaluations:
            return
        best = min(rates, key=lambda r: late_share(r)[0])
        share, wrong = level_of(forced, 0.5), late_share(best)[0]
        share = share / 100 if share > 1.5 else share
        if not (share >= self.right and wrong >= self.wrong):
            return
        yield self.finding(
            f"{forced.name} is {100 * share:.0f} % with the true text given, and {best.name} {100 * late_share(best)[1]:.0f} % when decoding alone",
            across(
                case,
                best,
                f"{best.name} over the last half, as a share",
                late_share(best)[1],
                first=0.5,
                expected=1 - share,
                formula="errors with the true text given",
            ),
            severity=Severity.WARNING,
            confidence=0.8,
            why="decoding differs from training, or the decoder does not listen to its input",
            do=(
                "decode one training example step by step, and compare its logits with those of training",
                "check start, end and padding tokens, and decode without a cache",
            ),
            check="decode training examples: a rate as bad as on new ones means that decoding is broken",
            rank=47,
        )

    def _accuracy(self, case: Case) -> Reading | None:
        found = [
            r for kind in ("token_accuracy", "accuracy") for r in readings_of(case, kind, (None, "att")) if r.held_out
        ]
        return found[0] if found else None

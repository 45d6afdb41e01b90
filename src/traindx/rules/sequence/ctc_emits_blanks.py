"""SEQ001: a CTC model that only emits blanks."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.context import FACTS, LOSS_FAMILY, READINGS, TRAIN_LOSS, Case, Reading
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.choosing import across, fact_number, level_of, longest_of
from traindx.rules.evidence import come_far
from traindx.rules.rule import Rule, RuleMeta
from traindx.rules.sequence.words import epochs_of, error_rates, late_share, steps_of


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class CtcEmitsBlanks(Rule):
    """A CTC loss stands at its plateau, and nothing but blanks comes out.

    ## What it looks at
    The CTC loss over the last two quarters of the run; the error rates, where they are logged (all words wrong); else the
    loss per label against ln(C - 1), what the best constant output costs for C symbols.

    ## Why it matters
    The first thing that CTC learns is to emit blanks. Such a plateau of some thousand steps is normal; a model that does
    not leave it has a fault in its symbols or its inputs.

    ## What to try
    - Compare the character set of labels and model: index of the blank, capitals, spaces.
    - Normalise the features; shorter utterances first; check that inputs are longer than labels after subsampling.

    ## When it is wrong
    Early: the plateau is left suddenly, after hundreds to thousands of steps.
    """

    meta: ClassVar = RuleMeta(
        code="SEQ001", name="ctc-emits-blanks", since="0.1", summary="a CTC model that only emits blanks"
    )
    needs: ClassVar = (READINGS,)
    may_use: ClassVar = (FACTS, LOSS_FAMILY, TRAIN_LOSS)
    condition: ClassVar = "at_chance"
    explained_by: ClassVar = ("NAN001", "NAN002", "OPT001")

    points: int = 8
    flat: float = 0.03
    all_wrong: float = 0.97
    late_epochs: float = 8.0
    late_steps: float = 5_000.0
    late_rates: int = 8
    above: float = 0.6
    """The plateau lies 0.1 to 0.5 above ln(C - 1), by how many frames there are to a label."""

    def check(self, case: Case) -> Iterator[Finding]:
        loss = self._ctc(case)
        if loss is None or loss.curve is None or loss.curve.count < self.points or not come_far(loss):
            return
        before, now = level_of(loss, 0.5, 0.75), level_of(loss, 0.75)
        if not abs(now - before) <= self.flat * abs(before):
            return
        rates = error_rates(case)
        wrong = [r for r in rates if late_share(r)[0] >= self.all_wrong and late_share(r)[1] <= 1.02]
        symbols = max(fact_number(case, "num_classes"), fact_number(case, "vocab_size"))
        floor = math.log(symbols - 1) if symbols > 2 else math.nan
        late = self._late(loss) or (bool(wrong) and len(wrong[0].series) >= self.late_rates)
        if rates and len(wrong) == len(rates) and late:  # earlier, the error rate alone is another rule's matter
            yield self._describe(case, loss, now, wrong[0], floor, Severity.ERROR)
        elif not rates and floor <= now <= floor + self.above and self._late(loss):
            yield self._describe(case, loss, now, None, floor, Severity.WARNING)

    def _ctc(self, case: Case) -> Reading | None:
        named = longest_of(case, "loss", None, ("ctc",))
        if named is not None:
            return named
        return case.get(TRAIN_LOSS) if case.get(LOSS_FAMILY) == "ctc" else None

    def _late(self, loss: Reading) -> bool:
        return epochs_of(loss) >= self.late_epochs or steps_of(loss) >= self.late_steps

    def _describe(
        self, case: Case, loss: Reading, now: float, rate: Reading | None, floor: float, severity: Severity
    ) -> Finding:
        plateau = floor == floor and floor <= now <= floor + self.above
        evidence: list[Evidence] = [
            across(
                case,
                loss,
                f"{loss.name} over the last quarter",
                now,
                first=0.75,
                expected=floor if plateau else None,
                formula="ln(C - 1), and a little more" if plateau else "",
                unit="nats",
            )
        ]
        said = ""
        if rate is not None:
            share = late_share(rate)[1]
            said = f" while {rate.name} is {100 * share:.0f} %"
            evidence.append(across(case, rate, f"{rate.name} over the last half", share, first=0.5, expected=1.0))
        return self.finding(
            f"{loss.name} stands at {now:.4g}{said}: a CTC model that only emits blanks",
            *evidence,
            severity=severity,
            confidence=0.9 if severity is Severity.ERROR else 0.7,
            why="blanks are the first thing CTC learns; a model that does not leave this plateau has a fault in symbols or inputs",
            do=(
                "compare the character set of labels and model: blank index, capitals, spaces",
                "overfit ten short utterances; their error rate must become 0",
                "normalise the features, and make sure that inputs stay longer than labels",
            ),
            check="decode ten utterances: only empty strings confirm it",
            rank=66,
        )

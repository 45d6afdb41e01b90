"""DIV002: the run had learnt and fell back to knowing nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.context import JUDGED_LOSS, METRICS, REFERENCES, TASKS, Case, Reading
from traindx.diagnosis import Finding, Severity
from traindx.rules.evidence import at_level
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Collapsed(Rule):
    """The run had learnt, and fell back to the level of knowing nothing.

    ## What it looks at
    Task metrics that had risen and lost nearly all of it again; a loss that had been below its chance level and
    stands at it again.

    ## Why it matters
    A collapsed representation or classifier rarely comes back: all outputs are alike, and so are the gradients.

    ## What to try
    - Restart from the best checkpoint with a lower learning rate, warm-up and clipping.

    ## When it is wrong
    Returns of reinforcement learning come and go; there it is only a warning.
    """

    meta: ClassVar = RuleMeta(
        code="DIV002", name="collapsed", since="0.1", summary="had learnt, then fell back to knowing nothing"
    )
    needs: ClassVar = ()
    may_use: ClassVar = (METRICS, JUDGED_LOSS, REFERENCES, TASKS)
    condition: ClassVar = "collapsed"

    lost_share: float = 0.9
    z: float = 5.0
    least_gain: float = 0.05
    """A metric in [0, 1] must have risen by five points before its fall means anything."""

    def check(self, case: Case) -> Iterator[Finding]:
        playing = "reinforcement" in (case.get(TASKS) or frozenset())
        for reading in (case.get(METRICS) or ())[:50]:
            if self._fell(reading):
                yield self._describe(case, reading, Severity.WARNING if playing else Severity.ERROR)
                return
        yield from self._loss_back_at_chance(case)

    def _fell(self, reading: Reading) -> bool:
        curve = reading.curve
        if curve is None or curve.count < 5 or reading.role.direction is None or reading.role.kind in ("perplexity", "fid"):
            return False
        spread = max(abs(curve.best.value), abs(curve.start.value))
        return (
            curve.gained > max(self.least_gain * spread, self.z * curve.error, 1e-12)
            and curve.lost >= self.lost_share * curve.gained
            and curve.lost > self.z * curve.error
        )

    def _describe(self, case: Case, reading: Reading, severity: Severity) -> Finding:
        curve = reading.curve
        assert curve is not None
        return self.finding(
            f"{reading.name} had reached {curve.best.value:.4g} and is back at {curve.end.value:.4g}",
            at_level(case, reading, curve.end, f"{reading.name} at the end", expected=curve.start.value, formula="its level at the start"),
            at_level(case, reading, curve.best, f"best level of {reading.name}"),
            severity=severity,
            confidence=0.96 if curve.count >= 20 else 0.88,
            why="nearly everything that had been learnt is lost; a collapsed model rarely recovers by itself",
            do=("go back to the checkpoint of the best level", "restart from it with a lower learning rate, warm-up and clipping"),
            check="evaluate the best checkpoint again: if it still scores, the weights collapsed, not the evaluation",
            rank=72,
        )

    def _loss_back_at_chance(self, case: Case) -> Iterator[Finding]:
        reading, known = case.get(JUDGED_LOSS), case.get(REFERENCES)
        if reading is None or reading.curve is None or known is None or reading.curve.count < 5:
            return
        curve = reading.curve
        for ref in known:
            left = curve.best.value < 0.9 * ref.value - self.z * curve.error
            back = abs(curve.end.value - ref.value) <= ref.tolerance + 3 * curve.error
            if ref.origin != "constant" and ref.kind == "chance" and left and back:
                yield self.finding(
                    f"{reading.name} had reached {curve.best.value:.4g} and is back at {ref.formula} = {ref.value:.4g}",
                    at_level(case, reading, curve.end, f"level of {reading.name} at the end", expected=ref.value, formula=ref.formula),
                    severity=Severity.ERROR,
                    confidence=0.95,
                    why=f"that is {ref.meaning}: what had been learnt is lost",
                    do=("go back to the checkpoint of the best level", "restart from it with a lower learning rate and clipping"),
                    check="the spread of the embeddings or logits over a batch: near zero means collapse",
                    rank=72,
                )
                return

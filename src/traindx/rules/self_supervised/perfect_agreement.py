"""SSL003: two views agree so well that they must be the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.baselines import simsiam_collapse
from traindx.context import READINGS, Case, Reading
from traindx.diagnosis import Finding, Severity
from traindx.rules.choosing import across, level_of, longest_of, readings_of
from traindx.rules.evidence import come_far
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class PerfectAgreement(Rule):
    """A loss that compares two views by their cosine has reached its end, -1 (or 0), and no spread is logged beside it.

    ## What it looks at
    Losses of the SimSiam and BYOL kind over the last half of the run: within half a per cent of -1, or under 0.01 where they
    are counted from zero. A logged spread of the embeddings that is not zero settles it: then nothing is said.

    ## Why it matters
    Two different crops of one picture never look entirely the same to a model that sees anything in them; healthy runs
    end between -0.8 and -0.95. A perfect cosine is what a constant output has.

    ## What to try
    - Log the standard deviation of the normalised embeddings: 1/sqrt(d) is healthy, 0 is collapse.
    - Check that the gradient is stopped on one branch.

    ## When it is wrong
    Views without augmentation, which are the same by design.
    """

    meta: ClassVar = RuleMeta(
        code="SSL003", name="perfect-agreement", since="0.1", summary="two views agree as only a constant does"
    )
    needs: ClassVar = (READINGS,)
    condition: ClassVar = "collapsed"
    explained_by: ClassVar = ("SSL002", "NAN001", "NAN002")

    points: int = 20
    near: float = 0.005
    apart: float = 0.01

    def check(self, case: Case) -> Iterator[Finding]:
        if longest_of(case, "feature_std", None) is not None:
            return
        for loss in (
            *readings_of(case, "loss", None, ("simsiam",)),
            *readings_of(case, "cosine_similarity", ("neg",)),
        ):
            if not loss.held_out and self._is_perfect(loss):
                yield self._describe(case, loss)
                return

    def _is_perfect(self, loss: Reading) -> bool:
        if loss.curve is None or loss.curve.count < self.points or not come_far(loss):
            return False
        late, last = level_of(loss, 0.5), level_of(loss, 0.9)
        negative = max(late, last) <= simsiam_collapse().value + self.near and min(late, last) >= -1 - self.near
        first = loss.curve.start.value
        from_zero = loss.role.kind == "loss" and 0 <= late <= self.apart and 0 <= last <= self.apart and first > 0
        return negative or from_zero

    def _describe(self, case: Case, loss: Reading) -> Finding:
        now = level_of(loss, 0.5)
        ideal = simsiam_collapse().value if now < -0.5 else 0.0
        return self.finding(
            f"{loss.name} is {now:.4g} over the last half of the run: two views agree as only a constant output does",
            across(
                case,
                loss,
                f"{loss.name} over the last half",
                now,
                first=0.5,
                expected=ideal,
                formula="cosine of 1 between any two views",
            ),
            severity=Severity.ERROR,
            confidence=0.85,
            why="different crops never look entirely alike to a model that sees anything in them",
            do=(
                "log the spread of the normalised embeddings: 0 confirms it, 1/sqrt(d) refutes it",
                "check that the gradient is stopped on one branch, and that the predictor is trained",
            ),
            check="nearest neighbours of ten inputs: the same for all confirms it",
            rank=85,
        )

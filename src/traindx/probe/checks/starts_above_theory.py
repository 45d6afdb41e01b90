"""PRB011: the first loss is far above guessing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.diagnosis import Evidence, Finding, RuleMeta, Severity
from traindx.probe.checks.probe_check import ProbeCheck
from traindx.probe.checks.wording import n
from traindx.probe.measured import Measured
from traindx.probe.told import CONTRASTIVE


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class StartsAboveTheory(ProbeCheck):
    """The very first loss is far above what guessing costs.

    ## What it looks at
    The loss before any step, against chance (ln C for a softmax, ln N for a contrastive loss) or the variance of the targets.

    ## Why it matters
    A fresh network knows nothing, so it should cost what knowing nothing costs, plus about half the variance of its logits. Far more than that means that it
    answers confidently and wrongly: the head is too large, the temperature too low, inputs or targets are not scaled, or the labels are shifted.

    ## What to try
    - Scale down the initial weights of the last layer, or set them to zero.

    ## When it is wrong
    A pretrained model on data of another kind, and angular margins (ArcFace) that begin at 20 to 50.
    """

    meta: ClassVar = RuleMeta(
        code="PRB011",
        name="starts-above-theory",
        since="0.2",
        summary="the first loss is far above what guessing costs",
    )
    needs: ClassVar = ("start", "levels")
    condition: ClassVar = "scale"

    nats: float = 1.0
    """Excess of usual initialisations: logits of deviation 1.4 (He, normalised features) cost one nat."""
    share: float = 0.5
    """Over many classes, half of chance above chance is beyond any of them."""
    pairs: float = 6.4
    """Of a contrastive loss: cosines of random vectors of D dimensions cost up to s²/2D, which is this for 16 dimensions at the usual temperature of 0.07."""
    squares: float = 10.0
    """Errors of a fresh network are at most three times the variance of standardised targets."""

    def check(self, subject: Measured) -> Iterator[Finding]:
        """Compare the start with guessing."""
        computed, levels = (subject.start.computed if subject.start else None), subject.levels
        if computed is None or levels is None or levels.family in ("arcface", "cosface"):
            return
        softmax = levels.chance is not None
        level, formula = (levels.chance, levels.chance_formula) if softmax else (levels.trivial, levels.trivial_formula)
        if level is None or not level > 0:
            return
        unit = level / _plain(level, formula)
        limit = level + self._room(levels.family, level, unit) if softmax else self.squares * level
        if not computed.total > limit:
            return
        spread = subject.start.recognised.spread if subject.start and subject.start.recognised else None
        more = (
            (
                Evidence(
                    label="standard deviation of the logits",
                    measured=spread,
                    expected=1.0,
                    note="costs half its square",
                ),
            )
            if spread
            else ()
        )
        yield self.found(
            f"the first loss is {n(computed.total)}, and guessing costs {n(level)}",
            Evidence(
                label="loss at step 0", measured=computed.total, expected=level, formula=formula, unit=levels.unit
            ),
            *more,
            severity=Severity.INFO if subject.told.is_true("pretrained") else Severity.WARNING,
            confidence=0.85,
            why="a fresh network that answers this confidently spends its first steps on unlearning",
            do=(
                "scale down the last layer's initial weights, or set them to zero",
                "raise the temperature of a contrastive loss",
            ),
            check="multiply the last layer's weights by 0.1: the first loss stays",
            rank=64,
        )

    def _room(self, family: str, level: float, unit: float) -> float:
        if family in CONTRASTIVE:
            return max(self.pairs, level)
        return max(self.nats * unit, self.share * level)


def _plain(level: float, formula: str) -> float:
    """The level without the factor of its reduction: ``ln 10 × 32`` is 32 times it."""
    _, sign, factor = formula.partition(" × ")
    try:
        return level / float(factor) if sign else level
    except ValueError:
        return level

"""SCL004: the z-loss rises: the logits drift away together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.context import READINGS, Case, Reading
from traindx.diagnosis import Finding, Severity
from traindx.rules.evidence import at_level
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ZLossDrifts(Rule):
    """The penalty on the softmax's normaliser has grown fourfold from its lowest level.

    ## What it looks at
    The last level of the logged z-loss over its lowest one. It is the square of the logarithm of the normaliser Z, so that
    its root, the typical ln Z, has doubled.

    ## Why it matters
    Logits that drift together cost nothing in cross-entropy and lose digits in low precision; in large runs the
    drift comes before spikes and divergence.

    ## What to try
    - Raise the coefficient (1e-4 is common), normalise queries and keys, keep the softmax in float32.

    ## When it is wrong
    Coefficients that are raised during the run; levels so small that a factor says nothing.
    """

    meta: ClassVar = RuleMeta(
        code="SCL004", name="z-loss-drifts", since="0.1", summary="the z-loss rises: the logits drift"
    )
    needs: ClassVar = (READINGS,)
    condition: ClassVar = None
    explained_by: ClassVar = ("DIV001", "NAN001", "LOG003")

    growth: float = 4.0
    """Four in the square is a doubling of ln Z."""

    points: int = 20
    z: float = 5.0

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak of the first z-loss that has grown fourfold."""
        for reading in case[READINGS]:
            if reading.role.kind == "loss" and reading.role.family == "z_loss" and self._drifts(reading):
                yield self._describe(case, reading)
                return

    def _drifts(self, reading: Reading) -> bool:
        curve = reading.curve
        if curve is None or curve.count < self.points or not curve.best.value > 0:
            return False
        return curve.end.value > self.growth * curve.best.value and curve.lost > self.z * curve.noise

    def _describe(self, case: Case, reading: Reading) -> Finding:
        curve = reading.curve
        assert curve is not None
        factor = curve.end.value / curve.best.value
        return self.finding(
            f"{reading.name} has grown {factor:.2g} times from its lowest level {curve.best.value:.3g}: ln Z has grown {factor**0.5:.2g} times",
            at_level(
                case,
                reading,
                curve.end,
                f"last level of {reading.name}",
                expected=curve.best.value,
                formula="its lowest level; it is proportional to (ln Z)²",
            ),
            severity=Severity.INFO,
            confidence=0.75,
            why="logits that drift together lose digits in low precision, and in large runs come before divergence",
            do=("raise the coefficient of the z-loss", "normalise queries and keys; keep the softmax in float32"),
            check="print(torch.logsumexp(logits.float(), -1).mean(), logits.abs().max())  # every 100 steps",
            rank=19,
        )

"""RET004: the contrastive loss stands at the lowest value that its temperature allows."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.baselines import temperature_floor
from traindx.context import FACTS, JUDGED_LOSS, LOSS_FAMILY, READINGS, Case, Reading
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.rule import Rule, RuleMeta
from traindx.signals import exponential


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class TemperatureFloorReached(Rule):
    """The contrastive loss stands at the lowest value that its temperature allows.

    ## What it looks at
    The last level of the loss against ln(1 + (N-1) e^(-s N/(N-1))), the loss of perfectly spread unit vectors at logit scale
    s = 1/temperature among N candidates.

    ## Why it matters
    A loss that looks stuck high may be as low as it can get: cosines lie in [-1, 1], and a temperature of 1 leaves
    2.49 among 32 candidates. More training cannot lower it, and gradients push ever the same pairs.

    ## What to try
    - A temperature of 0.05 to 0.1, or a learnt one; then judge by recall, which is comparable.

    ## When it is wrong
    Similarities that are not normalised can go lower; the floor is then none.
    """

    meta: ClassVar = RuleMeta(
        code="RET004",
        name="temperature-floor-reached",
        since="0.1",
        summary="the loss stands at the lowest its temperature allows",
    )
    needs: ClassVar = (JUDGED_LOSS, LOSS_FAMILY, FACTS)
    may_use: ClassVar = (READINGS,)
    explained_by: ClassVar = ("BAS001", "RET003")

    near: float = 0.05
    high: float = 0.2
    """A floor under a fifth of chance leaves room enough that nobody takes the loss for stuck."""

    warn: float = 0.5

    def check(self, case: Case) -> Iterator[Finding]:
        loss, facts = case[JUDGED_LOSS], case[FACTS]
        count = facts.get("negatives") or facts.get("batch_size")
        if case[LOSS_FAMILY] not in ("info_nce", "clip") or loss.curve is None or count is None:
            return
        scale, candidates = _scale(case), int(count.value)
        if scale is None or candidates < 2 or not 1e-3 < scale < 1e3:
            return
        floor, chance = temperature_floor(candidates, 1 / scale), math.log(candidates)
        level = loss.curve.end.value
        if floor.value > self.high * chance and abs(level / floor.value - 1) < self.near and loss.curve.gained > 0:
            left = chance - floor.value
            yield self.finding(
                f"{loss.name} {level:.4g} stands at {floor.value:.4g}, the lowest that a temperature of {1 / scale:.3g} allows among {candidates} candidates",
                Evidence(
                    label=f"last {loss.name}",
                    measured=level,
                    expected=floor.value,
                    formula=floor.formula,
                    unit="nats",
                    span=case.span(loss.series),
                    note=f"between guessing and this floor lie {left:.3g} nats only",
                ),
                severity=Severity.WARNING if floor.value > self.warn * chance else Severity.INFO,
                confidence=0.85,
                why="the loss is not stuck but at its end: cosines cannot spread further at this temperature",
                do=("use a temperature of 0.05 to 0.1, or learn it", "judge by recall, not by the loss"),
                check="recall at 1 on the training pairs: near 100 % confirms that nothing is left to learn here",
                decided_by="facts",
                rank=38,
            )


def _scale(case: Case) -> float | None:
    """The logit scale: as logged at the end, else from the facts."""
    logged: Reading | None = next((r for r in case.get(READINGS) or () if r.role.kind == "logit_scale"), None)
    if logged is not None and logged.curve is not None:
        value = logged.curve.end.value
        return (
            exponential(value) if value <= math.log(100) + 0.1 and logged.curve.start.value < math.log(100) else value
        )
    known = case[FACTS]
    if "logit_scale" in known:
        return float(known["logit_scale"].value)
    temperature = float(known["temperature"].value) if "temperature" in known else 0.0
    return 1 / temperature if temperature > 0 else None

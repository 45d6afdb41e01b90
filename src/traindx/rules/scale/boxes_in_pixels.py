"""SCL004: a box term as large as boxes in pixels make it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.context import FACTS, READINGS, TASKS, Case, Reading
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.evidence import at_level
from traindx.rules.rule import Rule, RuleMeta

_BOX_TERMS = frozenset({"bbox", "box", "boxes", "box_l1", "bbox_l1", "l1_box", "loss_bbox", "l1_bbox"})


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class BoxesInPixels(Rule):
    """The term of the boxes starts far above what boxes in fractions of the picture can cost.

    ## What it looks at
    The first level of the box term, against 4 (four coordinates in [0, 1]) times its weight.

    ## Why it matters
    Predictions between 0 and 1 against targets in pixels, or the reverse, or corners against centre and size: the
    model never gets near, and the other terms drown.

    ## What to try
    - Divide by width and height; convert both sides to one format; draw ten targets and ten predictions.

    ## When it is wrong
    Sums over boxes or layers, and terms on offsets of anchors, which have no such bound (they stay far below the limit).
    """

    meta: ClassVar = RuleMeta(
        code="SCL004", name="boxes-in-pixels", since="0.1", summary="the box term is as large as pixels make it"
    )
    needs: ClassVar = (READINGS,)
    may_use: ClassVar = (FACTS, TASKS)
    condition: ClassVar = "scale"
    explained_by: ClassVar = ("BAS005", "LOG003")

    bound: float = 4.0
    usual_weight: float = 5.0
    room: float = 5.0
    """Weights of up to 5 and sums over six layers come to 120; random boxes cost a quarter of the bound."""

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak of the first box term that starts beyond the bound."""
        for reading in case[READINGS]:
            role = reading.role
            if role.kind != "loss" or (role.component or "") not in _BOX_TERMS or role.split == "test":
                continue
            limit = self.room * self.bound * self._weight(case, reading)
            if reading.curve is not None and reading.curve.start.value > limit:
                yield self._describe(case, reading, limit)
                return

    def _weight(self, case: Case, reading: Reading) -> float:
        told = (case.get(FACTS) or {}).get(f"weight.{reading.role.component}")
        value = float(told.value) if told is not None and isinstance(told.value, int | float) else self.usual_weight
        return max(1.0, value)

    def _describe(self, case: Case, reading: Reading, limit: float) -> Finding:
        curve = reading.curve
        assert curve is not None
        stays = curve.end.value > limit
        return self.finding(
            f"{reading.name} starts at {curve.start.value:.4g}; four coordinates in fractions of the picture cost at most {self.bound:g} before weights",
            at_level(
                case,
                reading,
                curve.start,
                f"first level of {reading.name}",
                expected=limit,
                formula=f"{self.bound:g} times a weight of {limit / self.room / self.bound:g}, with room for layers",
            ),
            *(
                (Evidence(label=f"level of {reading.name} at the end", measured=curve.end.value, expected=limit),)
                if stays
                else ()
            ),
            severity=Severity.WARNING,
            confidence=0.8 if stays else 0.65,
            why="predictions and targets are in different units or formats: the model cannot get near",
            do=(
                "divide targets by width and height, and bring both sides to one format (corners, or centre and size)",
                "draw ten targets and ten predictions over their pictures",
            ),
            check="print(targets[0]['boxes'].min(), targets[0]['boxes'].max(), outputs['pred_boxes'].min(), outputs['pred_boxes'].max())",
            decided_by="data",
            rank=73,
        )

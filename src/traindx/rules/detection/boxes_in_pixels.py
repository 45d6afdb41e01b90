"""DET005: the distance of boxes is larger than relative coordinates allow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.baselines import box_l1_ceiling, giou_ceiling
from traindx.context import FACTS, READINGS, Case, Reading
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.detection.terms import box_distances, box_overlaps, training_terms
from traindx.rules.rule import Rule, RuleMeta

_PROBE = "print('predicted', outputs['pred_boxes'].min().item(), outputs['pred_boxes'].max().item()); print('true', [(t['boxes'].min().item(), t['boxes'].max().item()) for t in targets])"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class BoxesInPixels(Rule):
    """The distance of box coordinates is larger than boxes between 0 and 1 can be apart.

    ## What it looks at
    The coordinate term of a detector that also logs a generalised overlap. Four coordinates in [0, 1] differ by 4 in sum at
    most, so 20 under the usual weight of 5, whatever the boxes are.

    ## Why it matters
    One side is in pixels. The term then outweighs all others by hundreds, the gradient clip throws away the rest, and boxes
    from a sigmoid can never reach their targets.

    ## What to try
    - Divide the true boxes by width and height, and give them as centre and size, before they reach the loss.

    ## When it is wrong
    Detectors that regress pixels on both sides; there the overlap falls together with the distance.
    """

    meta: ClassVar = RuleMeta(
        code="DET005",
        name="boxes-in-pixels",
        since="0.1",
        summary="box distances are larger than boxes in [0, 1] allow",
    )
    needs: ClassVar = (READINGS,)
    may_use: ClassVar = (FACTS,)
    condition: ClassVar = "scale"
    explained_by: ClassVar = ("NAN001", "NAN002")

    weight: float = 5.0
    slack: float = 1.25
    """Printed means over devices or a last short batch move the bound by some per cent, not by a quarter."""

    learning: float = 0.5

    def check(self, case: Case) -> Iterator[Finding]:
        terms = training_terms(case[READINGS])
        overlaps = box_overlaps(terms)
        for reading in box_distances(terms) if overlaps else ():
            assert reading.curve is not None
            factor = 1.0 if reading.role.weighted is False else self.weight
            top = factor * box_l1_ceiling().value
            if reading.curve.start.value > self.slack * top:
                lasting = min(reading.curve.best.value, reading.curve.end.value) > self.slack * top
                yield self._describe(case, reading, overlaps[0], top, lasting=lasting)
                return

    def _describe(self, case: Case, reading: Reading, overlap: Reading, top: float, *, lasting: bool) -> Finding:
        assert reading.curve is not None
        assert overlap.curve is not None
        seen = reading.curve.end if lasting else reading.curve.start
        level = seen.value
        learns = overlap.curve.gained > self.learning * abs(overlap.curve.start.value)
        size = (case.get(FACTS) or {}).get("image_size")
        side = (
            f"; with a side of {size.value} px it is {2 * level / (top * float(size.value)):.2g} of the picture"
            if size
            else ""
        )
        return self.finding(
            f"{reading.name} {'is' if lasting else 'starts at'} {level:.4g}, beyond {top:g}, the most that boxes between 0 and 1 can be apart",
            Evidence(
                label=f"{'last' if lasting else 'first'} {reading.name}",
                measured=level,
                expected=top,
                formula="four coordinates in [0, 1]"
                + (f", times {self.weight:g}" if top > box_l1_ceiling().value else ""),
                span=case.span(reading.series),
                note=f"divided by half the width of a picture it would be ordinary{side}",
            ),
            Evidence(
                label=f"last {overlap.name}",
                measured=overlap.curve.end.value,
                expected=giou_ceiling().value,
                formula="1 - GIoU lies in [0, 2]; disjoint boxes cost above 1",
                span=case.span(overlap.series),
            ),
            severity=Severity.ERROR if lasting and not learns else Severity.WARNING,
            confidence=0.9,
            why="one side is in pixels: this term outweighs all others, and boxes from a sigmoid cannot reach such targets",
            do=("divide the true boxes by width and height, as centre and size, before they reach the loss",),
            check=_PROBE,
            rank=68,
        )

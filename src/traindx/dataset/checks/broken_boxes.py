"""AUD016: boxes without area, or outside their picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.dataset.annotations import BoxShapes
from traindx.dataset.checks.data_check import DataCheck
from traindx.dataset.checks.subject import Subject
from traindx.dataset.checks.wording import share
from traindx.diagnosis import Evidence, Finding, RuleMeta, Severity


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenBoxes(DataCheck):
    """Some boxes have no area, lie outside their picture, or are no numbers.

    ## What it looks at
    Width and height of every box in its format, and whether it lies inside the picture where the size of that is known.

    ## Why it matters
    The IoU of a box without area is 0/0: generalised IoU losses give NaN, or refuse with an assertion. A reversed box has a negative width, and its logarithm
    is NaN. Boxes outside the picture cannot be found.

    ## What to try
    - Clip boxes to the picture and drop those with a side under one pixel.

    ## When it is wrong
    Boxes that stick out by a pixel, as labelling tools make them: those are not counted.
    """

    meta: ClassVar = RuleMeta(
        code="AUD016",
        name="broken-boxes",
        since="0.1",
        summary="boxes without area, outside their picture, or not finite",
    )
    needs: ClassVar = "boxes"

    outside_share: float = 0.01
    """A few boxes over the edge are labellers' work; one in a hundred is a resize or a crop that did not move the boxes."""

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Speak of each set of boxes."""
        for boxes in subject.boxes:
            degenerate = boxes.empty + boxes.broken
            if degenerate:
                yield self._degenerate(boxes, degenerate)
            if boxes.count and boxes.outside > self.outside_share * boxes.count and self._format_is_known(boxes):
                yield self._outside(boxes)

    def _format_is_known(self, boxes: BoxShapes) -> bool:
        """Boxes in a wrong format lie outside for that reason alone."""
        return boxes.declared is None or boxes.fits.get(boxes.declared, 1.0) >= 0.8

    def _degenerate(self, boxes: BoxShapes, count: int) -> Finding:
        total = boxes.count + boxes.broken
        kinds = ", ".join(
            filter(
                None,
                (
                    f"{boxes.empty:,} without area" if boxes.empty else "",
                    f"{boxes.broken:,} not finite" if boxes.broken else "",
                ),
            )
        )
        return self.finding(
            f"{count:,} of {total:,} boxes of {boxes.name or boxes.where} are broken: {kinds}",
            Evidence(
                label="share of broken boxes", measured=count / total, expected=0.0, formula="width and height above 0"
            ),
            severity=Severity.ERROR,
            confidence=0.95,
            why=f"their IoU is 0/0, and one of them makes the loss of its batch NaN: {share(1 - (1 - count / total) ** 64)} of all batches of 64 boxes hold one",
            do=("drop boxes with a side under one pixel",),
            check="compute width and height of the boxes that the loss sees: a loader may drop them already",
            decided_by="data",
            rank=86,
        )

    def _outside(self, boxes: BoxShapes) -> Finding:
        return self.finding(
            f"{share(boxes.outside / boxes.count)} of {boxes.count:,} boxes reach beyond their picture",
            Evidence(
                label="share outside",
                measured=boxes.outside / boxes.count,
                expected=0.0,
                formula="inside the picture, one pixel allowed",
            ),
            severity=Severity.WARNING,
            confidence=0.85,
            why="a resize or a crop that moved the picture and not the boxes leaves them so: the model learns boxes beside the objects",
            do=("move boxes with every resize and crop, then clip them to the picture",),
            check="draw ten of them on their pictures",
            decided_by="data",
            rank=74,
        )

"""AUD015: boxes are in pixels, or in another corner format than they are read in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final, final

from traindx.dataset.annotations import BoxShapes
from traindx.dataset.checks.data_check import DataCheck
from traindx.dataset.checks.subject import Subject
from traindx.dataset.checks.wording import n, share
from traindx.diagnosis import Evidence, Finding, RuleMeta, Severity

_SPOKEN = {
    "xyxy": "two corners (xyxy)",
    "xywh": "corner, width and height (xywh)",
    "cxcywh": "centre, width and height (cxcywh)",
}

_PICTURE: Final = 8  # pixels: a picture, and no unit square
_RELATIVE: Final = 2.0  # boxes relative to their picture end at 1, and stick out by rounding


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class BoxFormat(DataCheck):
    """Boxes are in pixels where losses want 0 to 1, or in another format than their file says.

    ## What it looks at
    For arrays of four columns named as boxes, and for the boxes of COCO files: how large the coordinates are, and under which of the formats xyxy, xywh
    and cxcywh the boxes lie inside their picture with a positive width and height.

    ## Why it matters
    Losses of set-prediction detectors take boxes relative to the picture. An answer in 0 to 1 against targets in pixels costs their mean coordinate each: four times
    504 in a picture of 1008, times the weight of that term. Read in the wrong corner format, boxes still train, to the wrong places: the IoU stays near 0
    while the L1 falls.

    ## What to try
    - Divide x and width by the picture's width, y and height by its height.
    - Draw ten boxes on their pictures, in the format that the loss takes.

    ## When it is wrong
    Frameworks that take pixels and convert by themselves (COCO's own format is xywh in pixels).
    """

    meta: ClassVar = RuleMeta(
        code="AUD015",
        name="box-format",
        since="0.1",
        summary="boxes in pixels, or in another corner format than they are read in",
    )
    needs: ClassVar = "boxes"

    misfit: float = 0.2
    """Of boxes in the format that is claimed for them, nearly all lie inside the picture; labellers overshoot a few by a pixel."""

    fits: float = 0.98
    """The other format must explain nearly all of them."""

    least: int = 20
    """Fewer boxes may fit two formats by luck."""

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Speak of each set of boxes."""
        for boxes in subject.boxes:
            if boxes.count >= self.least:
                yield from self._other_format(boxes)
                if boxes.declared is None and boxes.in_pixels:
                    yield self._pixels(boxes)
                if boxes.declared is not None and boxes.extent > _PICTURE and boxes.largest <= _RELATIVE:
                    yield self._relative(boxes)

    def _other_format(self, boxes: BoxShapes) -> Iterator[Finding]:
        declared = boxes.declared
        if declared is None or not boxes.fits.get(declared, 1.0) < 1 - self.misfit:
            return
        better = max(boxes.fits, key=lambda form: boxes.fits[form])
        if not boxes.fits[better] >= self.fits:
            return
        yield self.finding(
            f"only {share(boxes.fits[declared])} of {boxes.count:,} boxes lie inside their picture as {declared}, and {share(boxes.fits[better])} do as {better}",
            Evidence(
                label=f"share inside the picture as {declared}",
                measured=boxes.fits[declared],
                expected=1.0,
                formula="boxes inside their picture",
            ),
            Evidence(
                label=f"share inside as {better}",
                measured=boxes.fits[better],
                expected=1.0,
                formula="boxes inside their picture",
            ),
            severity=Severity.ERROR,
            confidence=0.95,
            why=f"they were written as {_SPOKEN[better]} and are read as {_SPOKEN[declared]}: the model learns boxes in the wrong places",
            do=(f"convert them from {better} to {declared}",),
            check="draw ten of them on their pictures",
            decided_by="data",
            rank=90,
        )

    def _relative(self, boxes: BoxShapes) -> Finding:
        return self.finding(
            f"the boxes are relative to the picture, up to {n(boxes.largest)}, where pictures of {n(boxes.extent)} pixels expect pixels",
            Evidence(label="largest coordinate", measured=boxes.largest, expected=boxes.extent, formula="pixels"),
            severity=Severity.ERROR,
            confidence=0.9,
            why="read as pixels, every box lies inside the first pixel: drawn, scaled or cropped with its picture, nothing is left of it",
            do=("multiply x and width by the width of the picture, y and height by its height",),
            check="draw ten of them on their pictures",
            decided_by="data",
            rank=90,
        )

    def _pixels(self, boxes: BoxShapes) -> Finding:
        cost = 4 * boxes.mean_coordinate
        return self.finding(
            f"the boxes of {boxes.name or boxes.where} are in pixels, up to {n(boxes.largest)}"
            + (f", as {_SPOKEN[boxes.format]}" if boxes.format else ""),
            Evidence(
                label="largest coordinate", measured=boxes.largest, expected=1.0, formula="relative to the picture"
            ),
            Evidence(
                label="summed coordinates of a box, on average",
                measured=cost,
                expected=4.0,
                formula="at most, relative to the picture",
            ),
            severity=Severity.WARNING,
            confidence=0.8,
            why=f"against answers in 0 to 1, the L1 of a box is about {n(cost)} instead of about 1, and the IoU is 0: the loss starts {n(cost)} times too high",
            do=("divide x and width by the width of the picture, y and height by its height",),
            check="print the boxes of one batch as the loss sees them: in 0 to 1, the loader converts",
            decided_by="data",
            rank=72,
        )

"""PRB007: boxes without area, or masks without an object, in the batch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.diagnosis import Evidence, Finding, RuleMeta, Severity
from traindx.probe.batch import Leaf
from traindx.probe.checks.probe_check import ProbeCheck
from traindx.probe.checks.wording import n
from traindx.probe.measured import Measured


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class BoxesOrMasksBroken(ProbeCheck):
    """Boxes of the batch have no area in any format, are in pixels where the model answers in shares, or all masks are empty.

    ## What it looks at
    Targets with "box" in their name and four numbers at the end, as corners and as centre with size; targets with "mask" in their name.

    ## Why it matters
    The IoU of a box without area is 0/0. Boxes in pixels against answers from 0 to 1 make a loss of thousands that no step brings down. Empty masks teach "nothing".

    ## What to try
    - Clip boxes to the picture, drop those with a side under a pixel, and divide by the picture's size where the model answers in shares.

    ## When it is wrong
    Rows of zeros that pad a list of boxes to a fixed number: a few are not counted.
    """

    meta: ClassVar = RuleMeta(
        code="PRB007",
        name="boxes-or-masks-broken",
        since="0.2",
        summary="boxes without area or masks without an object",
    )
    needs: ClassVar = ("batch",)

    broken: float = 0.05
    """One box in twenty: labelling leaves fewer, a wrong format or order breaks about half."""

    def check(self, subject: Measured) -> Iterator[Finding]:
        """Speak of boxes, then of masks."""
        for leaf in subject.batch.of_role("target"):
            name = leaf.path.lower()
            if "box" in name and leaf.real and leaf.values.shape[-1:] == (4,):
                yield from self._boxes(leaf)
            elif "mask" in name and leaf.values.ndim > 2 and leaf.values.size and not leaf.values.any():
                yield self.found(
                    f"all {len(leaf.values)} masks of {leaf.path} are empty",
                    Evidence(label="pixels of objects", measured=0.0, note=f"of {leaf.values.size:,}"),
                    severity=Severity.WARNING,
                    confidence=0.9,
                    why="an empty mask teaches to answer nothing, and its loss falls to 0 by that",
                    do=("draw the masks on their pictures; look for a threshold or a resize that removes them",),
                    rank=70,
                )

    def _boxes(self, leaf: Leaf) -> Iterator[Finding]:
        boxes = leaf.values.reshape(-1, 4).astype(np.float64)
        boxes = boxes[(boxes != 0).any(axis=1)]
        if not len(boxes):
            return
        flat_corners = ((boxes[:, 2] <= boxes[:, 0]) | (boxes[:, 3] <= boxes[:, 1])).mean()
        flat_sizes = ((boxes[:, 2] <= 0) | (boxes[:, 3] <= 0)).mean()
        broken = float(min(flat_corners, flat_sizes))
        if not broken > self.broken:
            return
        yield self.found(
            f"{n(100 * broken)} % of the {len(boxes)} boxes of {leaf.path} have no area, as corners and as sizes",
            Evidence(
                label="share without area",
                measured=broken,
                expected=0.0,
                formula="x2 > x1 and y2 > y1, or width and height above 0",
            ),
            severity=Severity.ERROR,
            confidence=0.9,
            why="their IoU is 0/0, and a box regression learns from noise",
            do=("look at the order of the four numbers, then drop boxes with a side under one pixel",),
            rank=86,
        )

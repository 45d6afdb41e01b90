"""DET006: box coordinates come closer while their overlap does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.context import READINGS, Case, Reading
from traindx.diagnosis import Finding, Severity
from traindx.rules.detection.terms import box_distances, box_overlaps, training_terms
from traindx.rules.evidence import at_level, come_far
from traindx.rules.rule import Rule, RuleMeta

_PROBE = "b = box_cxcywh_to_xyxy(outputs['pred_boxes'][0]); t = box_cxcywh_to_xyxy(targets[0]['boxes']); print((b[:, 2:] >= b[:, :2]).all(), (t[:, 2:] >= t[:, :2]).all(), t[:3].tolist())"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class OverlapDoesNotFollow(Rule):
    """The coordinates of predicted boxes come closer to the true ones, and the overlap does not grow.

    ## What it looks at
    The coordinate term, which fell by 40 % and more, beside the overlap term, which stayed within 5 % of its start at a value that
    disjoint boxes have.

    ## Why it matters
    Both measure the same boxes. If one falls alone, the overlap is computed from another format: centre and size taken for
    corners, or x and y swapped. It then adds noise at best, and a wrong gradient at worst.

    ## What to try
    - Convert both sides to corners before the overlap, and assert that the second corner lies beyond the first.

    ## When it is wrong
    Very small objects, whose boxes stay disjoint from their prediction for long.
    """

    meta: ClassVar = RuleMeta(
        code="DET006",
        name="overlap-does-not-follow",
        since="0.1",
        summary="box coordinates come closer while their overlap does not",
    )
    needs: ClassVar = (READINGS,)
    explained_by: ClassVar = ("DET005", "NAN001", "NAN002", "DIV001")

    points: int = 10
    fallen: float = 0.4
    still: float = 0.05
    disjoint: float = 0.9
    """One minus the generalised overlap is 1 for boxes that touch and more for those apart; some print it times two."""

    def check(self, case: Case) -> Iterator[Finding]:
        terms = training_terms(case[READINGS])
        for overlap in box_overlaps(terms):
            assert overlap.curve is not None
            curve = overlap.curve
            stands = max(curve.gained, 0.0) < self.still * abs(curve.start.value) and curve.end.value > self.disjoint
            if not stands or curve.count < self.points or not come_far(overlap):
                continue
            distance = next((r for r in box_distances(terms) if self._fell(r)), None)
            if distance is not None:
                yield self._describe(case, overlap, distance)
                return

    def _fell(self, reading: Reading) -> bool:
        curve = reading.curve
        return (
            curve is not None and curve.gained > self.fallen * abs(curve.start.value) and curve.lost < curve.gained / 4
        )

    def _describe(self, case: Case, overlap: Reading, distance: Reading) -> Finding:
        assert overlap.curve is not None
        assert distance.curve is not None
        return self.finding(
            f"{overlap.name} stays at {overlap.curve.end.value:.4g} while {distance.name} fell from {distance.curve.start.value:.4g} to {distance.curve.end.value:.4g}",
            at_level(
                case,
                overlap,
                overlap.curve.end,
                f"last {overlap.name}",
                expected=overlap.curve.start.value,
                formula="its start",
            ),
            at_level(
                case,
                distance,
                distance.curve.end,
                f"last {distance.name}",
                expected=distance.curve.start.value,
                formula="its start",
            ),
            severity=Severity.WARNING,
            confidence=0.8,
            why="both measure the same boxes: the overlap is computed from another format than the distance",
            do=(
                "convert both sides to corners before the overlap, and assert that the second corner lies beyond the first",
            ),
            check=_PROBE,
            decided_by="log",
            rank=60,
        )

"""AUD017: pictures without objects, and masks without pixels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.dataset.annotations import Annotations
from traindx.dataset.checks.data_check import DataCheck
from traindx.dataset.checks.subject import Subject
from traindx.dataset.checks.wording import share, some
from traindx.diagnosis import Evidence, Finding, RuleMeta, Severity


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class EmptyAnnotations(DataCheck):
    """Many pictures have no object, or masks are empty.

    ## What it looks at
    How many pictures of an annotation file have no object, and how many masks have no pixel.

    ## Why it matters
    With no object to find, the best answer is "nothing", at a loss of nearly 0: a file whose objects were not joined with its pictures trains to
    0.00003 and detects nothing. An empty mask has a Dice loss of 0 or 1 whatever is answered.

    ## What to try
    - Check that `image_id` of the annotations and `id` of the images are of one kind (numbers or text) and of one file.
    - Keep some empty pictures on purpose, and know how many.

    ## When it is wrong
    Surveillance, wildlife and medical pictures, most of which are empty in truth.
    """

    meta: ClassVar = RuleMeta(
        code="AUD017",
        name="empty-annotations",
        since="0.1",
        summary="pictures without objects, or masks without pixels",
    )
    needs: ClassVar = "annotations"

    most: float = 0.5
    """Over half of all pictures without an object: guessing "nothing" is the best constant answer."""

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Speak of empty pictures and of empty masks."""
        known = subject.annotations
        if known is None or not known.images:
            return
        if known.images_without_objects > self.most * known.images:
            yield self._pictures(known)
        if known.empty_masks:
            yield self._masks(known)

    def _pictures(self, known: Annotations) -> Finding:
        part = known.images_without_objects / known.images
        none = known.images_without_objects == known.images
        return self.finding(
            f"{'none' if none else f'only {share(1 - part)}'} of {known.images:,} pictures {'has' if none else 'have'} an object",
            Evidence(label="share of pictures without object", measured=part, note=f"{known.objects:,} objects in all"),
            severity=Severity.ERROR if none else Severity.WARNING,
            confidence=0.97 if none else 0.75,
            why="the best answer is to find nothing, at a loss of nearly 0: a falling loss shows no learning"
            + (f"; all {known.objects:,} objects name pictures that are not listed" if none and known.objects else ""),
            do=("check that image_id of the annotations matches id of the images, in kind and in file",),
            check="count the objects of one batch as the loss sees them",
            decided_by="data",
            rank=92 if none else 58,
        )

    def _masks(self, known: Annotations) -> Finding:
        part = known.empty_masks / max(known.masks, 1)
        return self.finding(
            f"{known.empty_masks:,} of {known.masks:,} masks are empty ({some(known.examples.get('empty mask', ()))})",
            Evidence(label="share of empty masks", measured=part, expected=0.0, formula="every object has pixels"),
            severity=Severity.WARNING,
            confidence=0.9,
            why="the Dice loss of an empty mask is 0 or 1 whatever is answered, and its box has no area",
            do=("drop objects without pixels",),
            check="draw the masks of the objects named",
            decided_by="data",
            rank=57,
        )

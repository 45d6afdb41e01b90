"""AUD018: annotations that name what is not there, or share an identifier."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.dataset.checks.data_check import DataCheck
from traindx.dataset.checks.subject import Subject
from traindx.dataset.checks.wording import some
from traindx.diagnosis import Evidence, Finding, RuleMeta, Severity

# what is counted, of what, what it costs
_FAULTS = (
    (
        "objects_without_image",
        "object without picture",
        "name a picture that is not listed",
        "they are never trained on",
    ),
    (
        "objects_without_category",
        "object without category",
        "name a category that is not listed",
        "their class is outside the logits, or they are dropped",
    ),
    (
        "duplicate_ids",
        "duplicate id",
        "share the id of another one",
        "evaluation by id counts one of them as missed, or matches it twice",
    ),
    (
        "duplicate_image_ids",
        "duplicate picture id",
        "pictures share an id",
        "the objects of both are drawn on one of them",
    ),
)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenReferences(DataCheck):
    """Annotations name pictures or categories that are not there, or share an identifier.

    ## What it looks at
    In COCO files: `image_id` and `category_id` of every annotation against the lists of images and categories, and the identifiers of
    annotations and images among themselves.

    ## Why it matters
    Loaders drop such objects without a word, or fail in the middle of an epoch; and the standard evaluation takes identifiers to be unique:
    two objects of one id are counted as one, and recall has a ceiling below 1.

    ## What to try
    - Number annotations anew when files are merged, and carry over the categories.

    ## When it is wrong
    Never: a reference to nothing is a fault of the file, though it may cost little.
    """

    meta: ClassVar = RuleMeta(
        code="AUD018",
        name="broken-references",
        since="0.1",
        summary="annotations that name what is not there, or share an id",
    )
    needs: ClassVar = "annotations"

    grave_share: float = 0.01
    """One object in a hundred lost is more than noise of the labels."""

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Speak once for each kind of fault."""
        known = subject.annotations
        if known is None:
            return
        for attribute, kind, told, cost in _FAULTS:
            count: int = getattr(known, attribute)
            total = known.images if attribute == "duplicate_image_ids" else known.objects
            if not count or not total:
                continue
            examples = known.examples.get(kind, ())
            what = "pictures" if attribute == "duplicate_image_ids" else "objects"
            yield self.finding(
                f"{count:,} of {total:,} {what} {told.removeprefix('pictures ')}"
                + (f" ({some(examples)})" if examples else ""),
                Evidence(
                    label=f"{what} that {told.removeprefix('pictures ')}",
                    measured=float(count),
                    expected=0.0,
                    formula="every reference leads somewhere",
                ),
                severity=Severity.ERROR if count > self.grave_share * total else Severity.WARNING,
                confidence=0.97,
                why=cost,
                do=("number annotations anew when files are merged, and carry over pictures and categories",),
                check="look up the first of them in the file",
                decided_by="data",
                rank=83,
            )

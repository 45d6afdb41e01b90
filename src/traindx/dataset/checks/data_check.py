"""What every check of a dataset's values has: a page, a code, findings, and the part of the subject without which it is not asked."""

from __future__ import annotations

from typing import ClassVar, Final, Literal

from traindx.dataset.checks.subject import Subject
from traindx.diagnosis import Check

Need = Literal[
    "values", "stored", "groups", "labels", "tokens", "vocab_size", "boxes", "annotations", "pairs", "padding"
]

# What a missing part is called, and how it is told.
NEEDS: Final[dict[Need, str]] = {
    "values": "arrays of numbers",
    "stored": "statistics stored with the data",
    "groups": "groups of rows: --group NAME",
    "labels": "class labels: --labels NAME",
    "tokens": "token ids, and the size of the vocabulary: --vocab-size N",
    "vocab_size": "token ids, and the size of the vocabulary: --vocab-size N",
    "boxes": "boxes",
    "annotations": "annotations in COCO's format",
    "pairs": "arrays to pair: --pair A B",
    "padding": "padding, or a mask: --mask NAME",
}


class DataCheck(Check[Subject]):
    """A check of one dataset. ``needs`` names the part of the subject that it looks at; without it, the check is not asked."""

    __slots__ = ()

    needs: ClassVar[Need] = "values"


def is_there(subject: Subject, need: Need) -> bool:
    """Whether the subject holds what a check needs."""
    match need:
        case "values":
            return any(a.whole.rows > 0 for a in subject.of_role("values", "image", "categories", "labels"))
        case "groups":
            return any(len(array.groups) > 1 for array in subject.profile.arrays)
        case "vocab_size":
            return bool(subject.tokens) and subject.vocab_size is not None
        case "padding":
            return bool(subject.active) or any(array.masked_share > 0 for array in subject.profile.arrays)
        case "annotations":
            return subject.annotations is not None
        case "stored" | "labels" | "tokens" | "boxes" | "pairs":
            return bool(getattr(subject, need))

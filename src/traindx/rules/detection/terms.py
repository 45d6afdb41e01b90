"""The terms of a detector's or segmenter's loss, as its log names them."""

from __future__ import annotations

from collections.abc import Iterable

from traindx.context import Reading

_BOXES = frozenset({"bbox", "box", "boxes", "box_l1", "bbox_l1", "l1", "box_reg", "bbox_reg", "loc"})


def training_terms(readings: Iterable[Reading]) -> list[Reading]:
    """Return the terms of the training loss that belong to the last layer and have points."""
    return [
        r
        for r in readings
        if r.role.kind == "loss"
        and r.role.component is not None
        and r.role.split in (None, "train")
        and r.role.part == ""
        and r.curve is not None
    ]


def box_distances(terms: Iterable[Reading]) -> list[Reading]:
    """Return the terms that measure the distance of box coordinates, an overlap excepted."""
    return [r for r in terms if r.role.component in _BOXES]


def box_overlaps(terms: Iterable[Reading]) -> list[Reading]:
    """Return the terms that measure one minus a generalised overlap of boxes."""
    return [r for r in terms if r.role.family == "giou"]

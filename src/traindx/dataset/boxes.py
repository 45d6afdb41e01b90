"""Boxes of four numbers, looked at under each of the usual formats."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from traindx.arrays import ArraySource
from traindx.dataset.annotations import FORMATS, BoxFormat, BoxShapes

Floats = NDArray[np.float64]

_ROWS: Final = 65_536
_OVER: Final = 1.0  # pixels that labelling tools let boxes stick out
_OVER_RELATIVE: Final = 0.01
_CLEAR: Final = 0.02  # a format is known where it explains so much more than the next


def box_shapes(
    boxes: Floats,
    extents: Floats | None = None,
    *,
    name: str = "",
    where: str = "",
    declared: BoxFormat | None = None,
) -> BoxShapes:
    """Measure boxes, one row of four each; ``extents`` holds width and height of each box's picture, or is None where they are not known.

    Without them, the largest coordinate stands for the size of a picture, and only formats that fit are told, not what lies outside.
    """
    finite = np.isfinite(boxes).all(axis=1)
    good = boxes[finite]
    if not len(good):
        return BoxShapes(name=name, where=where, count=0, broken=len(boxes), declared=declared)
    known = extents is not None
    size = extents[finite] if extents is not None else np.full((len(good), 2), float(good.max()))
    over = _OVER if float(good.max()) > 2 else _OVER_RELATIVE
    fits: dict[BoxFormat, float] = {form: float(_inside(good, size, form, over).mean()) for form in FORMATS}
    form = declared or _format(fits)
    corners = _corners(good, form or "xyxy")
    sides = corners[:, 2:] - corners[:, :2]
    solid = (sides > 0).all(axis=1)
    outside = solid & ~_inside(good, size, form, over) if form is not None and known else np.zeros(len(good), bool)
    return BoxShapes(
        name=name,
        where=where,
        count=len(good),
        broken=int(len(boxes) - len(good)),
        empty=int((~solid).sum()) if form is not None else 0,
        outside=int(outside.sum()),
        largest=float(good.max()),
        smallest=float(good.min()),
        mean_coordinate=float(np.abs(good).mean()),
        fits=fits,
        format=form,
        declared=declared,
        extent=float(size.max()) if known else math.nan,
    )


def boxes_of(source: ArraySource) -> BoxShapes:
    """Measure the first 65,536 boxes of an array whose last axis holds four numbers."""
    rows = max(1, _ROWS // max(1, math.prod(source.shape[1:-1])))
    block = source.read(0, min(rows, len(source))).reshape(-1, 4).astype(np.float64)
    return box_shapes(
        block[(block != 0).any(axis=1)], name=source.name, where=source.where
    )  # rows of zeros are padding


def _corners(boxes: Floats, form: BoxFormat) -> Floats:
    if form == "xyxy":
        return boxes
    start = boxes[:, :2] - boxes[:, 2:] / 2 if form == "cxcywh" else boxes[:, :2]
    return np.concatenate([start, start + boxes[:, 2:]], axis=1)


def _inside(boxes: Floats, size: Floats, form: BoxFormat, over: float) -> NDArray[np.bool_]:
    corners = _corners(boxes, form)
    solid = (corners[:, 2:] > corners[:, :2]).all(axis=1)
    inside = (corners[:, :2] >= -over).all(axis=1) & (corners[:, 2:] <= size + over).all(axis=1)
    return np.logical_and(solid, inside)


def _format(fits: dict[BoxFormat, float]) -> BoxFormat | None:
    """The format that explains clearly more boxes than the others, or None."""
    ranked = sorted(fits, key=lambda form: -fits[form])
    return ranked[0] if fits[ranked[0]] > fits[ranked[1]] + _CLEAR else None

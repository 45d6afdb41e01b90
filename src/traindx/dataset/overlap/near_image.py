"""Images that show what a training image shows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from traindx.arrays import ArraySource
from traindx.dataset.overlap.content import column_hashes, common_dtype
from traindx.dataset.overlap.hashing import Words
from traindx.dataset.overlap.matching import BUDGET_BYTES
from traindx.dataset.overlap.near import contents, nearness
from traindx.dataset.overlap.overlap import Nearness
from traindx.dataset.overlap.pairs import Pairs
from traindx.dataset.overlap.perceptual import SIDE, Thumbnails, different_bits, perceptual_hashes, thumbnails, within

BITS = 4
"""Bits of 64 in which hashes of one image differ at most after it was saved again; of two different ones, 32 do on average."""

THRESHOLD = 0.95
"""Correlation of the grey pixels that a pair must reach besides: hashes agree by coincidence, pictures hardly."""

_BLOCK = 64
_COMPARISONS = 500_000_000
_FLAT = 1.0  # a deviation of one grey level of 255: nothing to be seen


def is_images(source: ArraySource) -> bool:
    """Return whether a row is an image: decoded by the reader, or bytes of height by width by channels."""
    if source.kind == "image":
        return True
    sides = source.shape[1:]
    plausible = len(sides) == 2 or (len(sides) == 3 and sides[2] in {1, 3, 4})
    return source.kind == "number" and source.dtype == np.uint8 and plausible and min(sides[:2]) >= 8


def near_images(
    train: ArraySource, other: ArraySource, *, budget_bytes: int = BUDGET_BYTES
) -> tuple[Nearness, tuple[str, ...]]:
    """Return which images nearly equal a training image, and what was left out.

    Candidates differ in at most 4 of 64 bits of a perceptual hash; of each, the grey pixels are correlated. Images of one colour are
    near to nothing. Needs Pillow.
    """
    most = max(1, budget_bytes // (2 * SIDE * SIDE) // 2)
    counts = min(len(train), most), min(len(other), most)
    limits = [
        f"near duplicates of {one.name or one.where}: only the first {n:,} of {len(one):,} images were compared"
        for one, n in zip((train, other), counts, strict=True)
        if n < len(one)
    ]
    dtype = common_dtype(train, other)
    (mine, my_hashes), (theirs, their_hashes) = (
        _measured(one, n, dtype) for one, n in zip((train, other), counts, strict=True)
    )
    pixels, exact = np.concatenate((mine, theirs)), np.concatenate((my_hashes, their_hashes))
    known = contents(exact, counts[0])
    thumbs = pixels[known.first]
    hashes = perceptual_hashes(thumbs)
    showing = thumbs.std(axis=(1, 2)) > _FLAT
    candidates, whole = _candidates(hashes, known.trained & showing, showing)
    if not whole:
        limits.append("near images: too many images look alike to compare all of them")

    def similar(pairs: Pairs) -> NDArray[np.float64]:
        return _similar(pixels, pairs)

    found = nearness("image", train.name or "images", "correlation of pixels", THRESHOLD, known, candidates, similar)
    return found, tuple(limits)


def _candidates(hashes: Words, trained: NDArray[np.bool_], showing: NDArray[np.bool_]) -> tuple[Pairs, bool]:
    mine, all_rows = np.flatnonzero(trained), np.flatnonzero(showing)
    pairs, whole = within(hashes[mine], hashes[all_rows], BITS, _COMPARISONS)
    rows = np.stack((mine[pairs[:, 0]], all_rows[pairs[:, 1]]), axis=1)
    return rows[rows[:, 0] < rows[:, 1]], whole


def _similar(pixels: Thumbnails, pairs: Pairs) -> NDArray[np.float64]:
    out = np.empty(len(pairs), dtype=np.float64)
    for begin in range(0, len(pairs), 4096):
        one, two = (pixels[pairs[begin : begin + 4096, side]] for side in (0, 1))
        alike_bits = different_bits(perceptual_hashes(one), perceptual_hashes(two)) <= BITS
        out[begin : begin + 4096] = np.where(alike_bits, _correlation(one, two), 0.0)
    return out


def _correlation(one: Thumbnails, two: Thumbnails) -> NDArray[np.float64]:
    a, b = (x.reshape(len(x), SIDE * SIDE).astype(np.float64) for x in (one, two))
    a, b = a - a.mean(axis=1, keepdims=True), b - b.mean(axis=1, keepdims=True)
    scale = np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1))
    out = np.zeros(len(a), dtype=np.float64)
    np.divide((a * b).sum(axis=1), scale, out=out, where=scale > 0)
    return out


def _measured(source: ArraySource, rows: int, dtype: np.dtype[Any] | None) -> tuple[Thumbnails, Words]:
    """Return the small grey picture of each row and the hash of its pixels; every image is decoded once."""
    pixels, hashes = np.empty((rows, SIDE, SIDE), dtype=np.uint8), np.empty(rows, dtype=np.uint64)
    for start in range(0, rows, _BLOCK):
        stop = min(start + _BLOCK, rows)
        block = source.read(start, stop)
        pixels[start:stop] = thumbnails(np.asarray(image) for image in block)
        hashes[start:stop] = column_hashes(source, block, dtype)
    return pixels, hashes

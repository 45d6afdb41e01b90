"""A 64-bit hash of what an image shows, which saving it again, resizing it or changing its brightness hardly alters."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from traindx.dataset.overlap.hashing import Words
from traindx.errors import MissingExtraError

SIDE = 32
_LOW = 8
_BANDS = 5  # of two hashes with at most four different bits, one of five parts is equal
_CHUNK = 1 << 20

Thumbnails = NDArray[np.uint8]


def thumbnails(images: Iterable[NDArray[Any]]) -> Thumbnails:
    """Return images (height, width[, channels]) as grey squares of 32 pixels, resized by Lanczos's filter.

    Grey is ITU-R 601's; numbers that are not bytes are spread from their least to their greatest over 0 to 255. Needs Pillow.
    """
    try:
        pillow = importlib.import_module("PIL.Image")
    except ImportError:
        raise MissingExtraError("comparing images", package="pillow", extra="arrays") from None
    found = [
        np.asarray(pillow.fromarray(_grey(image)).resize((SIDE, SIDE), pillow.Resampling.LANCZOS)) for image in images
    ]
    return np.stack(found) if found else np.empty((0, SIDE, SIDE), dtype=np.uint8)


def _grey(image: NDArray[Any]) -> NDArray[np.uint8]:
    if image.ndim == 3 and image.shape[2] in {1, 2}:
        image = image[:, :, 0]
    if image.dtype != np.uint8:
        values = np.nan_to_num(image.astype(np.float64), posinf=0.0, neginf=0.0)
        low, high = float(values.min(initial=0.0)), float(values.max(initial=0.0))
        image = (
            (np.clip((values - low) / (high - low), 0, 1) * 255).round().astype(np.uint8)
            if high > low
            else np.zeros(image.shape, np.uint8)
        )
    if image.ndim == 2:
        return np.ascontiguousarray(image)
    red, green, blue = (image[:, :, c].astype(np.uint32) for c in range(3))
    return ((19595 * red + 38470 * green + 7471 * blue + 0x8000) >> 16).astype(np.uint8)


def perceptual_hashes(thumbs: Thumbnails) -> Words:
    """Return for each square which of its 64 lowest frequencies (cosine transform) exceed their median, as bits.

    Source: the pHash of C. Zauner, 2010, over 32 pixels.
    """
    k, n = np.arange(_LOW)[:, None], np.arange(SIDE)[None, :]
    transform = 2 * np.cos(np.pi * k * (2 * n + 1) / (2 * SIDE))
    low = (transform @ thumbs.astype(np.float64) @ transform.T).reshape(len(thumbs), _LOW * _LOW)
    bits = low > np.median(low, axis=1, keepdims=True)
    return np.packbits(bits, axis=1).view(">u8").astype(np.uint64).reshape(len(thumbs))


def different_bits(first: Words, second: Words) -> NDArray[np.int64]:
    """Return in how many bits two hashes differ.

    >>> different_bits(np.array([7], np.uint64), np.array([8], np.uint64)).tolist()
    [4]
    """
    counts: NDArray[np.int64] = _ONES[(first ^ second).view(np.uint8).reshape(*first.shape, 8)].sum(axis=-1)
    return counts


_ONES = np.array([byte.bit_count() for byte in range(256)], dtype=np.int64)


def within(first: Words, second: Words, bits: int, most: int) -> tuple[NDArray[np.int64], bool]:
    """Return all pairs (position in ``first``, position in ``second``) that differ in at most ``bits`` bits, up to four, and whether the search was whole.

    The hashes are cut into five parts; pairs that agree in one are compared, until ``most`` comparisons were made.
    """
    found: list[NDArray[np.int64]] = [np.empty((0, 2), np.int64)]
    whole, done = True, 0
    for band in range(_BANDS):
        shift, mask = np.uint64(13 * band), np.uint64((1 << 13) - 1)
        keys = (first >> shift) & mask
        order = np.argsort(keys, kind="stable")
        asked = (second >> shift) & mask
        low = np.searchsorted(keys[order], asked, side="left")
        counts = np.searchsorted(keys[order], asked, side="right") - low
        ends = np.cumsum(counts)
        begin = 0
        while begin < len(second):
            stop = max(begin + 1, int(np.searchsorted(ends, (ends[begin - 1] if begin else 0) + _CHUNK, side="right")))
            size = counts[begin:stop]
            done += int(size.sum())
            if done > most:
                whole = False
                break
            theirs = np.repeat(np.arange(begin, stop), size)
            within_run = np.arange(len(theirs)) - np.repeat(np.cumsum(size) - size, size)
            mine = order[np.repeat(low[begin:stop], size) + within_run]
            near = different_bits(first[mine], second[theirs]) <= bits
            found.append(np.stack((mine[near], theirs[near]), axis=1))
            begin = stop
    return np.unique(np.concatenate(found), axis=0), whole

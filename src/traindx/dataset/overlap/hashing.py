"""A 64-bit hash of the content of each row: in machine code where numba is installed, and the same hash by numpy.

A row is a sequence of 64-bit words. Each word is shifted by a constant of its place and mixed by itself, the mixed words are added up, and
the sum is mixed once more with the length: no word waits for another, so that a processor works on several at once. The mixing is the
finaliser of MurmurHash3 (A. Appleby, 2011, public domain). The hash finds candidates only; nothing is claimed before the contents were compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from traindx.arrays import compiled, has_numba

Words = NDArray[np.uint64]

PLACE = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio: places far apart whatever their number
MIX_1 = np.uint64(0xFF51AFD7ED558CCD)
MIX_2 = np.uint64(0xC4CEB9FE1A85EC53)
SHIFT = np.uint64(33)
_ZERO = np.uint64(0)
_HALF = np.uint64(32)

_MAGNITUDE_64, _INFINITY_64, _NAN_64 = (
    np.uint64(0x7FFFFFFFFFFFFFFF),
    np.uint64(0x7FF0000000000000),
    np.uint64(0x7FF8000000000000),
)
_MAGNITUDE_32, _INFINITY_32, _NAN_32 = np.uint64(0x7FFFFFFF), np.uint64(0x7F800000), np.uint64(0x7FC00000)

_SLICE_WORDS = 1 << 17
"""Words that the numpy way mixes at a time: 1 MiB, so that its temporaries stay in the cache."""


def hash_words(words: Words) -> Words:
    """Return the hash of each row of a matrix of 64-bit words, taken as they are.

    >>> rows = np.array([[1, 2], [2, 1], [1, 2]], dtype=np.uint64)
    >>> first, second, third = hash_words(rows)
    >>> bool(first == third), bool(first == second)
    (True, False)
    """
    if not has_numba():
        return _numpy_hash(words)
    out = np.empty(len(words), dtype=np.uint64)
    compiled(_words_kernel)(np.ascontiguousarray(words), out)
    return out


def hash_floats(values: NDArray[Any]) -> Words:
    """Return the hash of each row of float32 or float64 values; -0 counts as 0, and every NaN as one."""
    bits = np.ascontiguousarray(values).view(np.uint32 if values.dtype.itemsize == 4 else np.uint64)
    if not has_numba():
        return _numpy_hash(float_words(values))
    out = np.empty(len(values), dtype=np.uint64)
    compiled(_floats_32_kernel if bits.dtype == np.uint32 else _floats_64_kernel)(bits, out)
    return out


def float_words(values: NDArray[Any]) -> Words:
    """Return rows of floats as words in which equal values have equal bits: one zero, one NaN; float32 in pairs."""
    clean = values + values.dtype.type(0)  # -0 + 0 is 0
    clean[np.isnan(clean)] = np.nan
    return packed(clean)


def packed(values: NDArray[Any]) -> Words:
    """Return rows of numbers as 64-bit words, the last one filled with zero bytes.

    >>> packed(np.array([[1, 2, 3]], dtype=np.uint8)).tolist()
    [[197121]]
    """
    rows = len(values)
    width = values.shape[1] * values.dtype.itemsize
    flat = np.ascontiguousarray(values).view(np.uint8).reshape(rows, width)
    if width % 8:
        wider = np.zeros((rows, -(-width // 8) * 8), dtype=np.uint8)
        wider[:, :width] = flat
        flat = wider
    return flat.view(np.uint64)


def hash_pieces(pieces: Sequence[bytes]) -> Words:
    """Return the hash of each byte string, its length included.

    >>> one, other, same = hash_pieces([b"", b"knight", b"knight"])
    >>> bool(other == same), bool(one == other)
    (True, False)
    """
    lengths = np.fromiter(map(len, pieces), dtype=np.int64, count=len(pieces))
    words = -(-lengths // 8)
    starts = np.concatenate(([0], np.cumsum(words)))
    joined = np.frombuffer(b"".join(p.ljust(-(-len(p) // 8) * 8, b"\0") for p in pieces), dtype=np.uint64)
    out = np.empty(len(pieces), dtype=np.uint64)
    if has_numba():
        compiled(_pieces_kernel)(joined, starts, lengths, out)
        return out
    place = (np.arange(len(joined)) - np.repeat(starts[:-1], words)).astype(np.uint64) + np.uint64(1)
    sums = np.concatenate((np.zeros(1, np.uint64), np.cumsum(_mixed(joined + place * PLACE), dtype=np.uint64)))
    out[:] = _mixed(sums[starts[1:]] - sums[starts[:-1]] + lengths.astype(np.uint64))
    return out


def joined_hash(parts: Sequence[Words]) -> Words:
    """Return one hash of each row from the hashes of its columns, in their order."""
    return parts[0] if len(parts) == 1 else hash_words(np.stack(parts, axis=1))


def _mixed(x: Words) -> Words:
    x = (x ^ (x >> SHIFT)) * MIX_1
    x = (x ^ (x >> SHIFT)) * MIX_2
    return x ^ (x >> SHIFT)


def _numpy_hash(words: Words) -> Words:
    rows, width = words.shape
    out = np.empty(rows, dtype=np.uint64)
    places = np.arange(1, width + 1, dtype=np.uint64) * PLACE
    step = max(1, _SLICE_WORDS // max(1, width))
    for start in range(0, rows, step):
        mixed = _mixed(words[start : start + step] + places)
        out[start : start + step] = _mixed(mixed.sum(axis=1, dtype=np.uint64) + np.uint64(8 * width))
    return out


def _words_kernel(words: Words, out: Words) -> None:
    rows, width = words.shape
    length = np.uint64(8 * width)
    for i in range(rows):
        total, place = length, _ZERO
        for j in range(width):
            place += PLACE
            x = words[i, j] + place
            x = (x ^ (x >> SHIFT)) * MIX_1
            x = (x ^ (x >> SHIFT)) * MIX_2
            total += x ^ (x >> SHIFT)
        total = (total ^ (total >> SHIFT)) * MIX_1
        total = (total ^ (total >> SHIFT)) * MIX_2
        out[i] = total ^ (total >> SHIFT)


def _floats_64_kernel(bits: Words, out: Words) -> None:
    rows, width = bits.shape
    length = np.uint64(8 * width)
    for i in range(rows):
        total, place = length, _ZERO
        for j in range(width):
            x = bits[i, j]
            magnitude = x & _MAGNITUDE_64
            x = _ZERO if magnitude == _ZERO else x
            x = _NAN_64 if magnitude > _INFINITY_64 else x
            place += PLACE
            x += place
            x = (x ^ (x >> SHIFT)) * MIX_1
            x = (x ^ (x >> SHIFT)) * MIX_2
            total += x ^ (x >> SHIFT)
        total = (total ^ (total >> SHIFT)) * MIX_1
        total = (total ^ (total >> SHIFT)) * MIX_2
        out[i] = total ^ (total >> SHIFT)


def _floats_32_kernel(bits: NDArray[np.uint32], out: Words) -> None:
    rows, width = bits.shape
    words = (width + 1) // 2
    length = np.uint64(8 * words)
    for i in range(rows):
        total, place = length, _ZERO
        for j in range(words):
            x = np.uint64(bits[i, 2 * j])
            magnitude = x & _MAGNITUDE_32
            x = _ZERO if magnitude == _ZERO else x
            x = _NAN_32 if magnitude > _INFINITY_32 else x
            y = np.uint64(bits[i, 2 * j + 1]) if 2 * j + 1 < width else _ZERO
            magnitude = y & _MAGNITUDE_32
            y = _ZERO if magnitude == _ZERO else y
            y = _NAN_32 if magnitude > _INFINITY_32 else y
            place += PLACE
            x = (x | (y << _HALF)) + place
            x = (x ^ (x >> SHIFT)) * MIX_1
            x = (x ^ (x >> SHIFT)) * MIX_2
            total += x ^ (x >> SHIFT)
        total = (total ^ (total >> SHIFT)) * MIX_1
        total = (total ^ (total >> SHIFT)) * MIX_2
        out[i] = total ^ (total >> SHIFT)


def _pieces_kernel(words: Words, starts: NDArray[np.int64], lengths: NDArray[np.int64], out: Words) -> None:
    for i in range(len(lengths)):
        total, place = np.uint64(lengths[i]), _ZERO
        for j in range(starts[i], starts[i + 1]):
            place += PLACE
            x = words[j] + place
            x = (x ^ (x >> SHIFT)) * MIX_1
            x = (x ^ (x >> SHIFT)) * MIX_2
            total += x ^ (x >> SHIFT)
        total = (total ^ (total >> SHIFT)) * MIX_1
        total = (total ^ (total >> SHIFT)) * MIX_2
        out[i] = total ^ (total >> SHIFT)

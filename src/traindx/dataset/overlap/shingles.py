"""Texts as sets of shingles: short overlapping pieces, each by its 64-bit hash."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, final

import numpy as np
from numpy.typing import NDArray

from traindx.arrays import compiled, has_numba
from traindx.dataset.overlap.hashing import MIX_1, MIX_2, PLACE, SHIFT, Words, hash_pieces

Offsets = NDArray[np.int64]

_BYTE, _TOP = np.uint64(8), np.uint64(56)


@final
@dataclass(frozen=True, slots=True)
class Shingling:
    """How a text is cut: into every run of ``size`` neighbouring characters or words.

    A text shorter than one shingle is one shingle by itself.
    """

    unit: Literal["character", "word"] = "character"
    size: int = 5


def shingles(texts: Sequence[bytes], cut: Shingling) -> tuple[Words, Offsets]:
    """Return the hashes of all shingles of normalised UTF-8 texts one after the other, and where each text's begin.

    An empty text has none. A shingle may occur several times.

    >>> found, starts = shingles([b"a dog ran", b"a dog sat", b""], Shingling("word", 2))
    >>> starts.tolist(), bool(found[0] == found[2]), bool(found[1] == found[3])
    ([0, 2, 4, 4], True, False)
    """
    if not has_numba():
        pieces = [_cut(text, cut) for text in texts]
        starts = np.concatenate(([0], np.cumsum([len(some) for some in pieces]))).astype(np.int64)
        return hash_pieces([piece for some in pieces for piece in some]), starts
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    bounds = np.concatenate(([0], np.cumsum(lengths)))
    out = np.empty(int(lengths.sum()), dtype=np.uint64)  # a shingle begins at a byte at most
    starts = np.zeros(len(texts) + 1, dtype=np.int64)
    text = np.frombuffer(b"".join(texts), dtype=np.uint8)
    compiled(_shingle_kernel)(text, bounds, cut.unit == "word", cut.size, out, starts)
    return out[: starts[-1]], starts


def _cut(text: bytes, cut: Shingling) -> list[bytes]:
    if not text:
        return []
    if cut.unit == "word":
        begins = [0, *(at + 1 for at, byte in enumerate(text) if byte == 32)]
        ends = [at - 1 for at in begins[1:]] + [len(text)]
    else:
        begins = [at for at, byte in enumerate(text) if byte & 0xC0 != 0x80]
        ends = [*begins[1:], len(text)]
    if len(begins) <= cut.size:
        return [text]
    return [text[begins[i] : ends[i + cut.size - 1]] for i in range(len(begins) - cut.size + 1)]


def _shingle_kernel(  # noqa: C901 - one pass over the text; a compiled loop has no cheap way to call out
    text: NDArray[np.uint8], bounds: Offsets, by_word: bool, size: int, out: Words, starts: Offsets
) -> None:
    ring = np.zeros(size + 1, dtype=np.int64)
    written = 0
    for i in range(len(bounds) - 1):
        first, last = bounds[i], bounds[i + 1]
        pieces, passed = 0, np.uint64(0)  # the eight bytes that were passed last
        for at in range(first, last + 1):
            if at > first:
                passed = (passed >> _BYTE) | (np.uint64(text[at - 1]) << _TOP)
            if at == last:
                begins = last > first
            elif by_word:
                begins = at == first or text[at - 1] == 32
            else:
                begins = at == first or (text[at] & 0xC0) != 0x80
            if not begins:
                continue
            ring[pieces % (size + 1)] = at
            pieces += 1
            if pieces <= size and at != last:
                continue
            begin = first if pieces <= size else ring[(pieces - size - 1) % (size + 1)]
            end = at - 1 if by_word and at < last else at
            total, place = np.uint64(end - begin), np.uint64(0)
            if begin < end and at - begin <= 8:
                x = ((passed << np.uint64(8 * (at - end))) >> np.uint64(64 - 8 * (end - begin))) + PLACE
                x = (x ^ (x >> SHIFT)) * MIX_1
                x = (x ^ (x >> SHIFT)) * MIX_2
                total += x ^ (x >> SHIFT)
                begin = end
            for word in range(begin, end, 8):
                x = np.uint64(0)
                for k in range(min(8, end - word)):
                    x |= np.uint64(text[word + k]) << (_BYTE * np.uint64(k))
                place += PLACE
                x += place
                x = (x ^ (x >> SHIFT)) * MIX_1
                x = (x ^ (x >> SHIFT)) * MIX_2
                total += x ^ (x >> SHIFT)
            total = (total ^ (total >> SHIFT)) * MIX_1
            total = (total ^ (total >> SHIFT)) * MIX_2
            out[written] = total ^ (total >> SHIFT)
            written += 1
        starts[i + 1] = written


def jaccard(found: Words, starts: Offsets, first: Offsets, second: Offsets) -> NDArray[np.float64]:
    """Return for each pair of texts the share of their different shingles that both have.

    >>> found, starts = shingles([b"a b c", b"b c d"], Shingling("word", 1))
    >>> jaccard(found, starts, np.array([0]), np.array([1])).tolist()
    [0.5]
    """
    out = np.empty(len(first), dtype=np.float64)
    if has_numba():
        sorted_sets, sizes = np.empty_like(found), np.zeros(len(starts) - 1, dtype=np.int64)
        compiled(_set_kernel)(found, starts, sorted_sets, sizes)
        compiled(_jaccard_kernel)(sorted_sets, starts, sizes, first, second, out)
        return out
    sets: list[Words] = [np.unique(found[starts[i] : starts[i + 1]]) for i in range(len(starts) - 1)]
    for at in range(len(first)):
        one: Words = sets[int(first[at])]
        other: Words = sets[int(second[at])]
        both = int(np.isin(one, other).sum())
        either = len(one) + len(other) - both
        out[at] = both / either if either else float("nan")
    return out


def _set_kernel(found: Words, starts: Offsets, out: Words, sizes: Offsets) -> None:
    for i in range(len(starts) - 1):
        begin, count = starts[i], 0
        ordered = np.sort(found[begin : starts[i + 1]])
        for k in range(len(ordered)):
            if k == 0 or ordered[k] != ordered[k - 1]:
                out[begin + count] = ordered[k]
                count += 1
        sizes[i] = count


def _jaccard_kernel(
    sets: Words, starts: Offsets, sizes: Offsets, first: Offsets, second: Offsets, out: NDArray[np.float64]
) -> None:
    for at in range(len(first)):
        i, j = starts[first[at]], starts[second[at]]
        i_end, j_end = i + sizes[first[at]], j + sizes[second[at]]
        either, both = (i_end - i) + (j_end - j), 0
        while i < i_end and j < j_end:
            if sets[i] == sets[j]:
                both += 1
                i += 1
                j += 1
            elif sets[i] < sets[j]:
                i += 1
            else:
                j += 1
        out[at] = both / (either - both) if either else np.nan

"""Texts that share most of their shingles with a training text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain, pairwise

import numpy as np
from numpy.typing import NDArray

from traindx.arrays import ArraySource
from traindx.dataset.overlap.content import content, gather, normal_text
from traindx.dataset.overlap.hashing import Words, hash_pieces
from traindx.dataset.overlap.matching import BUDGET_BYTES, equal_hashes
from traindx.dataset.overlap.minhash import Banding, band_hashes, banding, signatures
from traindx.dataset.overlap.near import contents, nearness
from traindx.dataset.overlap.overlap import Nearness
from traindx.dataset.overlap.pairs import Pairs, candidate_pairs
from traindx.dataset.overlap.shingles import Shingling, jaccard, shingles

THRESHOLD = 0.8
"""The Jaccard similarity from which texts count as copies of each other, as in the cleaning of language corpora."""

_BLOCK = 2048
_LONGEST = 200_000
"""Bytes of a text that are compared; what follows hardly alters whether two texts are copies."""
_AT_ONCE = 16 << 20
"""Bytes of text whose shingles are held at a time: each byte may begin one of eight bytes."""
_LONG = 2000
"""Characters: longer texts are cut into words, because in them most runs of five characters of the language occur."""
_BYTES_PER_TEXT = 256


_Measured = tuple[Words, NDArray[np.uint64], NDArray[np.int64]]


def near_texts(
    train: ArraySource,
    other: ArraySource,
    *,
    threshold: float = THRESHOLD,
    cut: Shingling | None = None,
    threads: int = 1,
    budget_bytes: int = BUDGET_BYTES,
) -> tuple[Nearness, tuple[str, ...]]:
    """Return which texts nearly equal a training text, and what was left out.

    Texts are normalised (Unicode NFC, case, whitespace) and cut into runs of five characters, or of three words where they are long. 128 MinHash values
    each, cut into bands, find the candidates; every candidate is decided by its exact Jaccard similarity.
    """
    most = max(1, budget_bytes // _BYTES_PER_TEXT // 2)
    counts = min(len(train), most), min(len(other), most)
    limits = tuple(
        f"near duplicates of {one.name or one.where}: only the first {n:,} of {len(one):,} texts were compared"
        for one, n in zip((train, other), counts, strict=True)
        if n < len(one)
    )
    cut = cut or _suited(train)
    shape = banding(threshold)
    hashes = np.empty(sum(counts), dtype=np.uint64)
    bands = np.empty((sum(counts), shape.bands), dtype=np.uint64)
    lengths = np.empty(sum(counts), dtype=np.int64)
    blocks = [
        (one, start, min(start + _BLOCK, n))
        for one, n in zip((train, other), counts, strict=True)
        for start in range(0, n, _BLOCK)
    ]
    position = 0
    for exact, banded, long in _measured(blocks, cut, shape, threads):
        stop = position + len(exact)
        hashes[position:stop], bands[position:stop], lengths[position:stop] = exact, banded, long
        position = stop
    known = contents(hashes, counts[0])
    filled = hashes[known.first] != hash_pieces([b""])[0]
    pairs = candidate_pairs(equal_hashes(bands[known.first, band]) for band in range(shape.bands))
    pairs = pairs[filled[pairs].all(axis=1)]
    found = nearness(
        "text",
        train.name or "text",
        "Jaccard similarity",
        threshold,
        known,
        pairs,
        partial(_similar, (train, other), counts[0], cut, lengths),
    )
    return found, limits


def _suited(train: ArraySource) -> Shingling:
    lengths = [len(str(text)) for text in train.read(0, min(len(train), 256))]
    return Shingling("word", 3) if lengths and float(np.median(lengths)) > _LONG else Shingling()


def _measured(
    blocks: Sequence[tuple[ArraySource, int, int]], cut: Shingling, shape: Banding, threads: int
) -> Iterator[_Measured]:
    work = partial(_block, cut=cut, shape=shape)
    if threads <= 1:
        yield from map(work, blocks)
        return
    with ThreadPoolExecutor(threads) as pool:
        for begin in range(0, len(blocks), 4 * threads):
            yield from pool.map(work, blocks[begin : begin + 4 * threads])


def _block(block: tuple[ArraySource, int, int], cut: Shingling, shape: Banding) -> _Measured:
    source, start, stop = block
    texts = [normal_text(str(text)).encode("utf-8", "surrogatepass") for text in source.read(start, stop)]
    short = [text[:_LONGEST] for text in texts]
    lengths = np.array([len(text) for text in short], dtype=np.int64)
    bands = [band_hashes(signatures(*shingles(short[low:high], cut)), shape) for low, high in _cuts(lengths)]
    return hash_pieces(texts), np.concatenate(bands), lengths


def _cuts(lengths: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Return portions of texts (or pairs) whose lengths add up to little enough to be held at once.

    >>> _cuts(np.array([9 << 20, 8 << 20, 1, 1]))
    [(0, 1), (1, 4)]
    """
    bounds, total = [0], 0
    if int(lengths.sum()) > _AT_ONCE:
        for at, length in enumerate(lengths.tolist()):
            total += length
            if total > _AT_ONCE and at > bounds[-1]:
                bounds.append(at)
                total = length
    return list(pairwise([*bounds, len(lengths)]))


def _similar(
    sources: tuple[ArraySource, ArraySource], train_rows: int, cut: Shingling, lengths: NDArray[np.int64], pairs: Pairs
) -> NDArray[np.float64]:
    """Return the Jaccard similarity of pairs of rows, read again."""
    out = np.empty(len(pairs), dtype=np.float64)
    for low, high in _cuts(lengths[pairs].sum(axis=1)):
        rows, at = np.unique(pairs[low:high], return_inverse=True)
        at = at.reshape(high - low, 2)
        middle = int(np.searchsorted(rows, train_rows))
        texts = list(chain(_texts(sources[0], rows[:middle]), _texts(sources[1], rows[middle:] - train_rows)))
        out[low:high] = jaccard(*shingles([text[:_LONGEST] for text in texts], cut), at[:, 0], at[:, 1])
    return out


def _texts(source: ArraySource, rows: NDArray[np.int64]) -> list[bytes]:
    if not len(rows):
        return []
    (found,) = gather(content(source), rows)
    return [piece for piece in found if isinstance(piece, bytes)]

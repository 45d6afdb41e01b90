"""Texts that share most of their shingles with a training text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain

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
_PAIRS = 20_000
_LONG = 2000
"""Characters: longer texts are cut into words, because in them most runs of five characters of the language occur."""
_BYTES_PER_TEXT = 256


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
    blocks = [
        (one, start, min(start + _BLOCK, n))
        for one, n in zip((train, other), counts, strict=True)
        for start in range(0, n, _BLOCK)
    ]
    position = 0
    for exact, banded in _measured(blocks, cut, shape, threads):
        hashes[position : position + len(exact)], bands[position : position + len(exact)] = exact, banded
        position += len(exact)
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
        partial(_similar, (train, other), counts[0], cut),
    )
    return found, limits


def _suited(train: ArraySource) -> Shingling:
    lengths = [len(str(text)) for text in train.read(0, min(len(train), 256))]
    return Shingling("word", 3) if lengths and float(np.median(lengths)) > _LONG else Shingling()


def _measured(
    blocks: Sequence[tuple[ArraySource, int, int]], cut: Shingling, shape: Banding, threads: int
) -> Iterator[tuple[Words, NDArray[np.uint64]]]:
    work = partial(_block, cut=cut, shape=shape)
    if threads <= 1:
        yield from map(work, blocks)
        return
    with ThreadPoolExecutor(threads) as pool:
        for begin in range(0, len(blocks), 4 * threads):
            yield from pool.map(work, blocks[begin : begin + 4 * threads])


def _block(block: tuple[ArraySource, int, int], cut: Shingling, shape: Banding) -> tuple[Words, NDArray[np.uint64]]:
    source, start, stop = block
    texts = [normal_text(str(text)).encode("utf-8", "surrogatepass") for text in source.read(start, stop)]
    found, starts = shingles(texts, cut)
    return hash_pieces(texts), band_hashes(signatures(found, starts), shape)


def _similar(
    sources: tuple[ArraySource, ArraySource], train_rows: int, cut: Shingling, pairs: Pairs
) -> NDArray[np.float64]:
    """Return the Jaccard similarity of pairs of rows, read again."""
    out = np.empty(len(pairs), dtype=np.float64)
    for begin in range(0, len(pairs), _PAIRS):
        some = pairs[begin : begin + _PAIRS]
        rows, at = np.unique(some, return_inverse=True)
        at = at.reshape(some.shape)
        middle = int(np.searchsorted(rows, train_rows))
        texts = list(chain(_texts(sources[0], rows[:middle]), _texts(sources[1], rows[middle:] - train_rows)))
        out[begin : begin + _PAIRS] = jaccard(*shingles(texts, cut), at[:, 0], at[:, 1])
    return out


def _texts(source: ArraySource, rows: NDArray[np.int64]) -> list[bytes]:
    if not len(rows):
        return []
    (found,) = gather(content(source), rows)
    return [piece for piece in found if isinstance(piece, bytes)]

"""The product of queries and gallery, block by block and tile by tile: what every backend shares out."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from traindx.retrieval.aim import Aim
from traindx.retrieval.counting import Counter, count_in_machine_code, count_in_numpy
from traindx.retrieval.embeddings import Embeddings, blocks
from traindx.retrieval.layers import layers
from traindx.retrieval.masks import WORD
from traindx.retrieval.tiles import Direction, Rows, Tally, count_tile, count_tile_in_double

BLOCK_BYTES = 16 << 20
"""Working memory of one thread: beyond it larger tiles are no faster."""

_LEAST_BYTES = 1 << 16
"""Blocks smaller than this would cost more to name than to count."""

_TILE_ROWS, _TILE_COLUMNS = 1024, 2048
"""A tile of 8 MB: beside its product (20 ms at 512 dimensions on one core) what is done once a tile costs a hundredth."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How many queries are held at a time, and how large a tile of their product with the gallery is."""

    query_rows: int
    tile_rows: int
    tile_columns: int


@final
@dataclass(frozen=True, slots=True)
class Tallies:
    """The counts of one direction or of both."""

    forward: Tally
    backward: Tally | None

    def add(self, other: Tallies) -> None:
        """Add the counts of other blocks; whole numbers add up in any order."""
        self.forward.add(other.forward)
        if self.backward is not None and other.backward is not None:
            self.backward.add(other.backward)


def plan(queries: int, gallery: int, dim: int, block_bytes: int, shares: int) -> Plan:
    """Return blocks that keep one thread's working memory near ``block_bytes`` and give every one of ``shares`` threads its part.

    >>> plan(100_000, 100_000, 512, 16 << 20, 2)
    Plan(query_rows=2048, tile_rows=1024, tile_columns=2048)
    """
    block_bytes = max(block_bytes, _LEAST_BYTES)
    columns = max(WORD, min(_TILE_COLUMNS, block_bytes // (4 * 4 * dim) // WORD * WORD, -(-gallery // WORD) * WORD))
    rows = max(1, min(_TILE_ROWS, block_bytes // (2 * 4 * columns), queries))
    held = max(rows, block_bytes // (4 * 4 * dim) // rows * rows)
    share = max(1, math.ceil(queries / shares))
    return Plan(query_rows=min(held, share), tile_rows=min(rows, share), tile_columns=columns)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Everything that counting needs: both sides, and the targets of one direction or of both.

    ``compiled``: tiles are counted in machine code; ``double``: all products are of float64 numbers. Neither changes a count.
    """

    queries: Embeddings
    gallery: Embeddings
    forward: Aim
    backward: Aim | None
    plan: Plan
    compiled: bool
    double: bool = False

    @property
    def counter(self) -> Counter:
        """What counts in a tile."""
        return count_in_machine_code if self.compiled else count_in_numpy


def count_all(work: Work, parts: Sequence[tuple[int, int]]) -> Tallies:
    """Count some blocks of queries against the whole gallery."""
    tallies = Tallies(Tally.of(len(work.forward.upper)), work.backward and Tally.of(len(work.backward.upper)))
    for start, stop in parts:
        count_block(work, start, stop, tallies)
    return tallies


def count_block(work: Work, start: int, stop: int, tallies: Tallies) -> None:
    """Count the queries from ``start`` to before ``stop`` against the whole gallery; adds to the tallies of both directions."""
    queries, gallery = work.queries, work.gallery
    held = Rows(queries, start, queries.read(start, stop))
    left = queries.scaled(held.stored, held.lengths, np.empty(held.stored.shape, dtype=np.float32))
    scratch = np.empty((work.plan.tile_columns, gallery.dim), dtype=np.float32)
    tile = np.empty(work.plan.tile_rows * work.plan.tile_columns, dtype=np.float32)
    parts = [(top, bottom, _rows(work, held.part(top, bottom), tallies)) for top, bottom in _tiles(work, held)]
    for first, end in blocks(len(gallery), work.plan.tile_columns):
        items = Rows(gallery, gallery.first + first, gallery.read(gallery.first + first, gallery.first + end))
        right = gallery.scaled(items.stored, items.lengths, scratch[: end - first])
        columns = _columns(work, items, tallies)
        for top, bottom, rows in parts:
            if work.double:
                count_tile_in_double(rows, columns, items)
            else:
                count_tile(multiplied(left[top:bottom], right, tile), rows, columns, items, work.counter)


def _tiles(work: Work, held: Rows) -> Iterator[tuple[int, int]]:
    return blocks(len(held.stored), work.plan.tile_rows)


def _rows(work: Work, rows: Rows, tallies: Tallies) -> Direction:
    first = rows.start - work.queries.first
    return Direction(rows, layers(work.forward.part(first, first + len(rows.stored))), tallies.forward)


def _columns(work: Work, items: Rows, tallies: Tallies) -> Direction | None:
    if work.backward is None or tallies.backward is None:
        return None
    first = items.start - work.gallery.first
    return Direction(items, layers(work.backward.part(first, first + len(items.stored))), tallies.backward)


def multiplied(left: NDArray[np.float32], right: NDArray[np.float32], tile: NDArray[np.float32]) -> NDArray[np.float32]:
    """The product, in a tile padded with minus infinity to a multiple of eight columns."""
    width = -(-len(right) // WORD) * WORD
    scores = tile[: len(left) * width].reshape(len(left), width)
    np.matmul(left, right.T, out=scores[:, : len(right)])
    scores[:, len(right) :] = -np.inf
    return scores

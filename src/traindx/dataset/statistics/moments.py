"""Exact moments in a stream, in any blocks and any order, with one answer to the last bit.

Rows are counted from the start of the array, and cut into tiles whose length depends on the number of features alone. Tiles are the
leaves of a binary tree that is aligned to the row numbers, so the tree does not depend on who saw which rows. A part of a tile
is kept as rows until the rest of it comes, from the next block or from another state in a merge.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from traindx.arrays import has_numba
from traindx.dataset.statistics.by_numpy import Keep
from traindx.dataset.statistics.fields import FIELDS, Floats, fold, no_values, tile_rows
from traindx.dataset.statistics.numbers import observations, wide
from traindx.dataset.statistics.scratch import Scratch
from traindx.dataset.statistics.tiles import merge, tile_states
from traindx.dataset.statistics.wire import from_array, pack, to_array, unpack
from traindx.errors import UsageError


@final
@dataclass(frozen=True, slots=True)
class _Part:
    """Rows of one tile: from ``offset`` on inside it, and which of their values count (None: all)."""

    offset: int
    rows: NDArray[Any]
    keep: Keep | None

    @property
    def stop(self) -> int:
        return self.offset + len(self.rows)


@final
class Moments:
    """Count, NaN, infinities, zeros, mean, the second to fourth central sums and the extremes of each feature.

    ``update`` takes blocks; ``start`` is the number of their first observation and defaults to the end of the last block. ``merge``
    takes in another state of other rows of the same array. The result does not depend on blocks, order or merges. ``use_numba`` forces machine code or numpy.
    """

    __slots__ = ("_next", "_nodes", "_parts", "_scratch", "features", "numba", "tile")

    def __init__(self, features: int, *, use_numba: bool | None = None) -> None:
        self.features = features
        self.tile = tile_rows(features)
        self.numba = has_numba() if use_numba is None else use_numba
        self._nodes: dict[tuple[int, int], Floats] = {}
        self._parts: dict[int, list[_Part]] = {}
        self._next = 0
        self._scratch = Scratch()

    def update(self, block: NDArray[Any], mask: NDArray[np.bool_] | None = None, *, start: int | None = None) -> None:
        """Take in a block: (rows, features), one axis, or more with the features last. ``mask`` is true for what counts."""
        rows = observations(block)
        if rows.shape[1] != self.features:
            raise UsageError(f"a block of {rows.shape[1]} features cannot join statistics of {self.features}")
        keep = None if mask is None else wide(mask, block.shape)
        self._take(rows, keep, self._next if start is None else start)

    def merge(self, other: Moments) -> None:
        """Take in what another state saw. Raises ``UsageError`` where it is of other features."""
        if other.features != self.features:
            raise UsageError(f"statistics of {other.features} features cannot join those of {self.features}")
        for (level, index), node in other._nodes.items():
            self._insert(level, index, node)
        for tile, parts in other._parts.items():
            for part in parts:
                self._keep_part(tile, part)
        self._next = max(self._next, other._next)

    def state(self) -> Floats:
        """Return the state (fields, features) of all rows seen; incomplete tiles count as they are."""
        leaves = [(index << level, 0, node) for (level, index), node in self._nodes.items()]
        for tile, parts in self._parts.items():
            leaves += [(tile, part.offset, self._state_of(part)) for part in parts]
        whole = no_values(self.features)
        for _, _, node in sorted(leaves, key=lambda leaf: leaf[:2]):
            whole = merge(whole[None], node[None], use_numba=self.numba)[0]
        return whole

    def rest(self) -> None:
        """Let go of the memory that only updates need."""
        self._scratch = Scratch()

    def to_bytes(self) -> bytes:
        """Return the state as bytes, to send or to keep."""
        nodes = [[level, index, from_array(node)] for (level, index), node in self._nodes.items()]
        parts = [
            [tile, part.offset, from_array(part.rows), None if part.keep is None else from_array(part.keep)]
            for tile, parts in self._parts.items()
            for part in parts
        ]
        return pack({"what": "moments", "features": self.features, "next": self._next, "nodes": nodes, "parts": parts})

    @classmethod
    def from_bytes(cls, data: bytes) -> Moments:
        """Return the state that ``to_bytes`` wrote; raises ``UnreadableDataError`` for other bytes."""
        found = unpack(data, "moments")
        moments = cls(int(found["features"]))
        moments._next = int(found["next"])
        for level, index, node in found["nodes"]:
            moments._nodes[level, index] = to_array(node).reshape(FIELDS, moments.features)
        for tile, offset, rows, keep in found["parts"]:
            part = _Part(offset, to_array(rows), None if keep is None else to_array(keep))
            moments._parts.setdefault(tile, []).append(part)
        return moments

    def _take(self, rows: NDArray[Any], keep: Keep | None, start: int) -> None:
        stop = start + len(rows)
        first = min(-(-start // self.tile) * self.tile, stop)  # the first border of tiles in the block
        last = max(stop // self.tile * self.tile, first)
        for begin, end in ((start, first), (last, stop)):
            if begin < end:
                piece = slice(begin - start, end - start)
                kept = None if keep is None else keep[piece].copy()
                self._keep_part(begin // self.tile, _Part(begin % self.tile, rows[piece].copy(), kept))
        if first < last:
            shape = ((last - first) // self.tile, self.tile, self.features)
            piece = slice(first - start, last - start)
            kept = None if keep is None else keep[piece].reshape(shape)
            self._scratch.reset(3 * shape[0] * FIELDS * self.features * fold(self.features))
            states = tile_states(rows[piece].reshape(shape), kept, use_numba=self.numba, scratch=self._scratch)
            self._insert_run(first // self.tile, states)
        self._next = stop

    def _insert_run(self, index: int, nodes: Floats) -> None:
        """Insert neighbouring leaves, pairing as many at a time as the tree allows."""
        level = 0
        while len(nodes):
            if index % 2:
                self._insert(level, index, nodes[0].copy())
                index, nodes = index + 1, nodes[1:]
            if len(nodes) % 2:
                self._insert(level, index + len(nodes) - 1, nodes[-1].copy())
                nodes = nodes[:-1]
            if len(nodes):
                nodes = merge(nodes[0::2], nodes[1::2], use_numba=self.numba, scratch=self._scratch)
            index, level = index // 2, level + 1

    def _insert(self, level: int, index: int, node: Floats) -> None:
        while (other := self._nodes.pop((level, index ^ 1), None)) is not None:
            left, right = (other, node) if index % 2 else (node, other)
            node = merge(left[None], right[None], use_numba=self.numba)[0]
            level, index = level + 1, index // 2
        self._nodes[level, index] = node

    def _keep_part(self, tile: int, part: _Part) -> None:
        """Join the part to its neighbours in the tile; a tile that is whole becomes a leaf."""
        parts = sorted([*self._parts.pop(tile, []), part], key=lambda one: one.offset)
        joined = [parts[0]]
        for one in parts[1:]:
            if one.offset < joined[-1].stop:
                raise UsageError("the same rows were given twice", hint="states to be merged must be of different rows")
            joined[-1:] = [_joined(joined[-1], one)] if one.offset == joined[-1].stop else [joined[-1], one]
        if len(joined[0].rows) == self.tile:
            self._insert(0, tile, self._state_of(joined[0]))
        else:
            self._parts[tile] = joined

    def _state_of(self, part: _Part) -> Floats:
        keep = None if part.keep is None else part.keep[None]
        state: Floats = tile_states(part.rows[None], keep, use_numba=self.numba)[0]
        return state


def _joined(first: _Part, second: _Part) -> _Part:
    keep = None
    if first.keep is not None or second.keep is not None:
        keep = np.concatenate(
            [np.ones(one.rows.shape, np.bool_) if one.keep is None else one.keep for one in (first, second)]
        )
    return _Part(first.offset, np.concatenate([first.rows, second.rows]), keep)

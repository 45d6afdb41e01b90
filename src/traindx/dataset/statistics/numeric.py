"""Everything that is measured of an array of numbers, as one state."""

from __future__ import annotations

from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from traindx.dataset.statistics.moments import Moments
from traindx.dataset.statistics.numbers import features_of, observations, wide
from traindx.dataset.statistics.wire import pack, unpack


@final
class NumberState:
    """Moments of some rows of an array, and how many of its values the mask left out."""

    __slots__ = ("left_out", "moments", "seen")

    def __init__(self, features: int) -> None:
        self.moments = Moments(features)
        self.seen = 0
        self.left_out = 0

    def update(self, block: NDArray[Any], mask: NDArray[np.bool_] | None, start: int) -> None:
        """Take in a block whose first row is row ``start`` of the array."""
        rows = observations(block)
        keep = None if mask is None else wide(mask, block.shape)
        self.seen += rows.size
        self.left_out += 0 if keep is None else int(keep.size - np.count_nonzero(keep))
        per_row = block[0].size // features_of(block.shape) if len(block) else 1
        self.moments.update(rows, keep, start=start * per_row)

    def merge(self, other: NumberState) -> None:
        """Take in what another state saw of other rows."""
        self.moments.merge(other.moments)
        self.seen += other.seen
        self.left_out += other.left_out

    def to_bytes(self) -> bytes:
        """Return the state as bytes."""
        return pack({"what": "numbers", "seen": self.seen, "left_out": self.left_out, "moments": self.moments.to_bytes()})

    @classmethod
    def from_bytes(cls, data: bytes) -> NumberState:
        """Return the state that ``to_bytes`` wrote."""
        found = unpack(data, "numbers")
        moments = Moments.from_bytes(found["moments"])
        state = cls(moments.features)
        state.moments, state.seen, state.left_out = moments, int(found["seen"]), int(found["left_out"])
        return state

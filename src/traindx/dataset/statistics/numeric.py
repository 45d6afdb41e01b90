"""Everything that is measured of an array of numbers, as one state."""

from __future__ import annotations

from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from traindx.dataset.statistics.groups import GroupMoments
from traindx.dataset.statistics.moments import Moments
from traindx.dataset.statistics.numbers import features_of, observations, wide
from traindx.dataset.statistics.plan import Plan
from traindx.dataset.statistics.sketch import Sketch
from traindx.dataset.statistics.wire import pack, unpack


@final
class NumberState:
    """Moments of some rows of an array, histograms where there is a ``plan``, and moments by group where there are ``groups``.

    ``left_out`` is how many of the ``seen`` values the mask left out.
    """

    __slots__ = ("groups", "left_out", "moments", "seen", "sketch")

    def __init__(
        self, features: int, *, plan: Plan | None = None, groups: int = 0, use_numba: bool | None = None
    ) -> None:
        self.moments = Moments(features, use_numba=use_numba)
        self.sketch = None if plan is None else Sketch(plan, use_numba=use_numba)
        self.groups = GroupMoments(groups, features, use_numba=use_numba) if groups else None
        self.seen = 0
        self.left_out = 0

    def update(
        self,
        block: NDArray[Any],
        mask: NDArray[np.bool_] | None = None,
        ids: NDArray[np.int64] | None = None,
        *,
        start: int,
    ) -> None:
        """Take in a block whose first row is row ``start`` of the array; ``ids`` has the group of each row, -1 for none."""
        if not len(block):
            return
        rows = observations(block)
        keep = None if mask is None else wide(mask, block.shape)
        self.seen += rows.size
        self.left_out += 0 if keep is None else int(keep.size - np.count_nonzero(keep))
        per_row = block[0].size // features_of(block.shape)
        self.moments.update(rows, keep, start=start * per_row)
        if self.sketch is not None:
            self.sketch.update(rows, keep)
        if self.groups is not None and ids is not None:
            self.groups.update(rows, keep, np.repeat(ids, per_row) if per_row > 1 else ids)

    def rest(self) -> None:
        """Let go of the memory that only counting needs, until the state is merged."""
        self.moments.rest()
        if self.sketch is not None:
            self.sketch.rest()

    def merge(self, other: NumberState) -> None:
        """Take in what another state saw of other rows."""
        self.moments.merge(other.moments)
        if self.sketch is not None and other.sketch is not None:
            self.sketch.merge(other.sketch)
        if self.groups is not None and other.groups is not None:
            self.groups.merge(other.groups)
        self.seen += other.seen
        self.left_out += other.left_out

    def to_bytes(self) -> bytes:
        """Return the state as bytes."""
        parts = {"moments": self.moments, "sketch": self.sketch, "groups": self.groups}
        packed = {name: None if part is None else part.to_bytes() for name, part in parts.items()}
        return pack({"what": "numbers", "seen": self.seen, "left_out": self.left_out, **packed})

    @classmethod
    def from_bytes(cls, data: bytes) -> NumberState:
        """Return the state that ``to_bytes`` wrote; raises ``UnreadableDataError`` for other bytes."""
        found = unpack(data, "numbers")
        moments = Moments.from_bytes(found["moments"])
        state = cls(moments.features)
        state.moments, state.seen, state.left_out = moments, int(found["seen"]), int(found["left_out"])
        state.sketch = None if found["sketch"] is None else Sketch.from_bytes(found["sketch"])
        state.groups = None if found["groups"] is None else GroupMoments.from_bytes(found["groups"])
        return state

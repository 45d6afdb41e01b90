"""A histogram of each feature on the bits of its values, with the commonest exact values counted beside it.

A value's distance to the centre is taken as float32, and its sign, exponent and first bits of mantissa are the number of its bin, so
bins are narrow near the centre and a fixed share of the distance further out. Counts of several states add up, in any order.
"""

from __future__ import annotations

from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from traindx.arrays import compiled, has_numba
from traindx.dataset.statistics import counting
from traindx.dataset.statistics.plan import Plan
from traindx.dataset.statistics.wire import from_array, pack, to_array, unpack
from traindx.errors import UsageError

Whole = NDArray[np.int64]
_NARROW: Final = 8  # lanes: one histogram alone would wait for itself at each value that falls in the last one's bin
_ROWS_AT_ONCE: Final = 1 << 12  # so that a value counted as an atom is still in the cache when it is counted in a bin
_GAP: Final = 80  # cells between two histograms, lest the same bin of all of them fall on the same place of the cache
_SPARSE: Final = 64  # bins for each value: sorting the values is then quicker than passing over the bins
_FULL: Final = 1 << 31  # rows after which 32-bit counts are moved to 64-bit ones
_NO_MASK: Final = np.zeros((0, 0), np.bool_)


@final
class Sketch:
    """Counts of bins, whole numbers and atoms under one plan. ``use_numba`` forces one of the two ways."""

    __slots__ = ("_first", "_lanes", "_pending", "_table", "atoms", "bins", "counts", "numba", "plan", "whole")

    def __init__(self, plan: Plan, *, use_numba: bool | None = None) -> None:
        self.plan = plan
        self.numba = has_numba() if use_numba is None else use_numba
        self._lanes = 1 << max(0, (-(-_NARROW // plan.features) - 1).bit_length())
        self._table: NDArray[np.uint32] | None = None
        self._pending = 0
        self._first = np.concatenate([[0], np.cumsum(plan.size)[:-1]]).astype(np.int64)
        self.whole: Whole = np.zeros(int(plan.size.sum()), np.int64)
        self.atoms: Whole = np.zeros(plan.atoms.shape, np.int64)
        self.bins: Whole = np.empty(0, np.int64)
        self.counts: Whole = np.empty(0, np.int64)

    def update(self, rows: NDArray[Any], keep: NDArray[np.bool_] | None = None) -> None:
        """Count a block: (observations, features), float32 or float64, in C order; ``keep`` has the same shape."""
        features = self.plan.features
        rows = rows.reshape(-1, features)
        keep = None if keep is None else keep.reshape(-1, features)
        main = len(rows) - len(rows) % self._lanes
        step = (_ROWS_AT_ONCE if self.numba else len(rows)) * self._lanes
        for first in range(0, main, step):
            last = min(main, first + step)
            self._count(rows[first:last], None if keep is None else keep[first:last], self._lanes)
        if main < len(rows):
            self._count(rows[main:], None if keep is None else keep[main:], 1)

    def merge(self, other: Sketch) -> None:
        """Add the counts of another state under the same plan."""
        if other.plan.to_bytes() != self.plan.to_bytes():
            raise UsageError("histograms under two plans do not add up", hint="plan once for each array")
        self.flush()
        other.flush()
        self.whole += other.whole
        self.atoms += other.atoms
        self._add(other.bins, other.counts)

    def flush(self) -> None:
        """Move the counts of the last blocks to ``bins`` (feature times the number of bins, plus bin) and ``counts``."""
        if self._table is None or not self._pending:
            return
        flat = self._table.reshape(-1)
        where = np.flatnonzero(flat != 0)
        counts = flat[where].astype(np.int64)
        flat[where] = 0
        self._pending = 0
        lane, cell = np.divmod(where, self._table.shape[1])
        for first in range(self._lanes):  # the lanes of one feature add up
            own = lane // self.plan.features == first
            self._add(((lane[own] % self.plan.features) << self.plan.bits) + cell[own], counts[own])

    def rest(self) -> None:
        """Let go of the memory that only counting needs."""
        self.flush()
        self._table = None

    def to_bytes(self) -> bytes:
        """Return the state as bytes, with its plan."""
        self.flush()
        arrays = [from_array(array) for array in (self.whole, self.atoms, self.bins, self.counts)]
        return pack({"what": "sketch", "plan": self.plan.to_bytes(), "arrays": arrays})

    @classmethod
    def from_bytes(cls, data: bytes) -> Sketch:
        """Return the state that ``to_bytes`` wrote; raises ``UnreadableDataError`` for other bytes."""
        found = unpack(data, "sketch")
        sketch = cls(Plan.from_bytes(found["plan"]))
        sketch.whole, sketch.atoms, sketch.bins, sketch.counts = (to_array(array) for array in found["arrays"])
        return sketch

    def feature(self, number: int) -> tuple[Whole, Whole]:
        """Return bins and counts of one feature's histogram (after ``flush``)."""
        size = 1 << self.plan.bits
        first, last = np.searchsorted(self.bins, [number * size, (number + 1) * size])
        return self.bins[first:last] - number * size, self.counts[first:last]

    def window(self, number: int) -> Whole:
        """Return the counts of the whole numbers in one feature's window."""
        return self.whole[self._first[number] : self._first[number] + self.plan.size[number]]

    def _add(self, bins: Whole, counts: Whole) -> None:
        if not len(self.bins):
            self.bins, self.counts = bins, counts
            return
        every = np.concatenate([self.bins, bins])
        order = np.argsort(every, kind="stable")
        every, both = every[order], np.concatenate([self.counts, counts])[order]
        first = np.flatnonzero(np.concatenate([[True], every[1:] != every[:-1]]))
        self.bins, self.counts = every[first], np.add.reduceat(both, first)

    def _count(self, rows: NDArray[Any], keep: NDArray[np.bool_] | None, lanes: int) -> None:
        plan = self.plan
        wide = (len(rows) // lanes, lanes * plan.features)
        rows = rows.reshape(wide)
        keep = None if keep is None else keep.reshape(wide)
        if len(plan.atoms):
            self._count_atoms(rows, keep, lanes)
        if plan.size.any():
            keep = self._count_whole(rows, keep, lanes)
            if not keep.any():
                return
        self._count_bins(rows, keep, lanes)

    def _count_atoms(self, rows: NDArray[Any], keep: NDArray[np.bool_] | None, lanes: int) -> None:
        atoms = np.tile(self.plan.atoms.astype(rows.dtype), (1, lanes))
        counts = np.zeros(atoms.shape, np.int32)
        if self.numba:
            compiled(counting.count_atoms)(rows, _NO_MASK if keep is None else keep, keep is not None, atoms, counts)
        else:
            for number, atom in enumerate(atoms):
                same = rows == atom
                counts[number] = (same if keep is None else same & keep).sum(0)
        self.atoms += counts.reshape(len(atoms), lanes, -1).sum(1, dtype=np.int64)

    def _count_whole(self, rows: NDArray[Any], keep: NDArray[np.bool_] | None, lanes: int) -> NDArray[np.bool_]:
        """Count whole numbers, and return which values are still to be counted."""
        base, size, first = (np.tile(one, lanes) for one in (self.plan.base, self.plan.size, self._first))
        if self.numba:
            rest = np.empty(rows.shape, np.bool_)
            mask = _NO_MASK if keep is None else keep
            compiled(counting.count_whole)(rows, mask, keep is not None, base, size, first, self.whole, rest)
            return rest
        with np.errstate(invalid="ignore"):
            d = rows.astype(np.float64) - base
            inside = (d >= 0) & (d < size) & (d == np.floor(d))
            inside = inside if keep is None else inside & keep
        places = (d[inside] + np.broadcast_to(first, d.shape)[inside]).astype(np.int64)
        self.whole += np.bincount(places, minlength=len(self.whole))
        outside: NDArray[np.bool_] = ~inside if keep is None else keep & ~inside
        return outside

    def _count_bins(self, rows: NDArray[Any], keep: NDArray[np.bool_] | None, lanes: int) -> None:
        plan = self.plan
        if self._table is None and rows.size < (lanes * plan.features << plan.bits) // _SPARSE:
            self._count_few_bins(rows, keep, lanes)
            return
        if self._table is None:
            self._table = np.zeros((self._lanes * plan.features, (1 << plan.bits) + _GAP), np.uint32)
        table, shift = self._table, np.uint32(32 - plan.bits)
        centre = np.tile(plan.centre.astype(rows.dtype), lanes)
        if not self.numba:
            keys = _bins_by_numpy(rows, keep, centre, plan.bits)
            counts = np.bincount(keys, minlength=rows.shape[1] << plan.bits)
            table[: rows.shape[1], : 1 << plan.bits] += counts.reshape(-1, 1 << plan.bits).astype(np.uint32)
        elif keep is None:
            compiled(counting.count_bins)(rows, centre, shift, table)
        else:
            compiled(counting.count_kept_bins)(rows, keep, centre, shift, table)
        self._pending += rows.shape[0] * lanes
        if self._pending >= _FULL:
            self.flush()

    def _count_few_bins(self, rows: NDArray[Any], keep: NDArray[np.bool_] | None, lanes: int) -> None:
        """Count values that are few beside the bins, without a table of all bins: tables may have thousands of columns."""
        plan = self.plan
        keys = _bins_by_numpy(rows, keep, np.tile(plan.centre.astype(rows.dtype), lanes), plan.bits)
        lane, cell = np.divmod(keys, 1 << plan.bits)
        bins, counts = np.unique(((lane % plan.features) << plan.bits) + cell, return_counts=True)
        self._add(bins, counts.astype(np.int64))


def _bins_by_numpy(rows: NDArray[Any], keep: NDArray[np.bool_] | None, centre: NDArray[Any], bits: int) -> Whole:
    """Return the bin of every value that is kept, numbered through all lanes."""
    with np.errstate(over="ignore", invalid="ignore"):
        distance: NDArray[np.float32] = ((rows - centre) + 0).astype(np.float32)  # -0.0 + 0 is 0.0
    upper: NDArray[np.int64] = (distance.view(np.uint32) >> np.uint32(32 - bits)).astype(np.int64)
    keys = upper + np.arange(rows.shape[1], dtype=np.int64) * (1 << bits)
    return (keys if keep is None else keys[keep]).reshape(-1)

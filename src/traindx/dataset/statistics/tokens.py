"""What is measured of a column of lists of numbers: token ids, class ids, or vectors of different lengths."""

from __future__ import annotations

from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from traindx.dataset.statistics.fields import Floats, no_values
from traindx.dataset.statistics.moments import Moments
from traindx.dataset.statistics.numbers import measured_type
from traindx.dataset.statistics.tiles import merge
from traindx.dataset.statistics.wire import from_array, pack, to_array, unpack
from traindx.dataset.summary import TokenSummary

_BELOW: Final = 1024  # negative ids that are counted one by one: -1 and -100 mark what a loss ignores
_IDS: Final = (1 << 20) + _BELOW  # ids counted one by one: four times the largest vocabularies in use


@final
class TokenState:
    """Lengths and ids of the lists of some rows, and in ``state`` (fields, 1) the moments of their numbers."""

    __slots__ = ("beyond", "counts", "empty", "lists", "longest", "shortest", "state", "total", "whole")

    def __init__(self) -> None:
        self.lists = self.empty = self.total = self.beyond = self.longest = 0
        self.shortest = -1
        self.whole = True
        self.counts: NDArray[np.int64] = np.zeros(0, np.int64)
        self.state: Floats = no_values(1)

    def update(self, block: NDArray[Any], mask: NDArray[np.bool_] | None = None) -> None:
        """Take in rows that each hold a list of numbers; anything else counts as an empty list."""
        rows: list[object] = list(block if mask is None else block[mask])
        lists = [np.atleast_1d(np.asarray(row)) if row is not None else np.empty(0, np.int64) for row in rows]
        lists = [one.reshape(-1) if measured_type(one.dtype) else np.empty(0, np.int64) for one in lists]
        if not lists:
            return
        lengths = [len(one) for one in lists]
        self.lists += len(lists)
        self.empty += lengths.count(0)
        self.longest = max(self.longest, *lengths)
        self.shortest = min(lengths) if self.shortest < 0 else min(self.shortest, *lengths)
        values = np.concatenate([one for one in lists if len(one)] or [np.empty(0, np.int64)])
        self.total += len(values)
        if len(values):
            moments = Moments(1, use_numba=False)
            moments.update(values)
            self.state = merge(self.state[None], moments.state()[None])[0]
            self._count(values)

    def merge(self, other: TokenState) -> None:
        """Take in what another state saw of later rows."""
        self.lists += other.lists
        self.empty += other.empty
        self.total += other.total
        self.beyond += other.beyond
        self.longest = max(self.longest, other.longest)
        both = (self.shortest, other.shortest)
        self.shortest = max(both) if min(both) < 0 else min(both)
        self.whole = self.whole and other.whole
        self._add(other.counts)
        self.state = merge(self.state[None], other.state[None])[0]

    def summary(self) -> TokenSummary | None:
        """Return what was measured as plain values; None where the numbers are not whole."""
        if not self.whole:
            return None
        ids = np.flatnonzero(self.counts)
        ids = ids[np.argsort(-self.counts[ids], kind="stable")]
        return TokenSummary(
            lists=self.lists,
            empty=self.empty,
            tokens=self.total,
            mean_length=self.total / self.lists if self.lists else float("nan"),
            minimum_length=max(self.shortest, 0),
            maximum_length=self.longest,
            distinct=-1 if self.beyond else len(ids),
            counts=tuple(zip((ids - _BELOW).tolist(), self.counts[ids].tolist(), strict=True)),
            beyond=self.beyond,
        )

    def to_bytes(self) -> bytes:
        """Return the state as bytes."""
        numbers = [self.lists, self.empty, self.total, self.beyond, self.longest, self.shortest, int(self.whole)]
        return pack(
            {
                "what": "tokens",
                "numbers": numbers,
                "counts": from_array(self.counts),
                "state": from_array(self.state),
            }
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> TokenState:
        """Return the state that ``to_bytes`` wrote."""
        found, state = unpack(data, "tokens"), cls()
        state.lists, state.empty, state.total, state.beyond, state.longest, state.shortest, whole = found["numbers"]
        state.whole = bool(whole)
        state.counts = to_array(found["counts"])
        state.state = to_array(found["state"])
        return state

    def _count(self, values: NDArray[Any]) -> None:
        if values.dtype.kind not in "iub":
            self.whole = self.whole and bool((values == np.floor(values)).all())
        if not self.whole:
            return
        inside = values[(values >= -_BELOW) & (values < _IDS - _BELOW)].astype(np.int64)
        self.beyond += len(values) - len(inside)
        self._add(np.bincount(inside + _BELOW))

    def _add(self, counts: NDArray[np.int64]) -> None:
        longer, shorter = (self.counts, counts) if len(self.counts) >= len(counts) else (counts, self.counts)
        self.counts = longer.copy()
        self.counts[: len(shorter)] += shorter

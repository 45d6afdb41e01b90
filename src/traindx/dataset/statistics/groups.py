"""Moments of each group of rows, and how the variance divides into that within and that between groups."""

from __future__ import annotations

from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from traindx.arrays import compiled, has_numba
from traindx.dataset.statistics.by_numpy import states_by_numpy
from traindx.dataset.statistics.fields import COUNT, FIELDS, M2, MEAN, MEAN_REST, Floats, no_values
from traindx.dataset.statistics.group_kernel import grouped
from traindx.dataset.statistics.tiles import merge
from traindx.dataset.statistics.wire import from_array, pack, to_array, unpack
from traindx.dataset.summary import Scatter
from traindx.errors import UsageError

CELLS: Final = 1 << 18
"""Groups times features that are kept: 23 MB in each worker. Beyond it the commonest groups are kept."""
_NO_MASK: Final = np.zeros((0, 0), np.bool_)


@final
class GroupMoments:
    """The moments of rows by group number, for a number of groups that is known beforehand.

    Blocks are added up one after the other: states agree to the last bit where the blocks are the same, and to rounding elsewhere.
    """

    __slots__ = ("numba", "outside", "states")

    def __init__(self, groups: int, features: int, *, use_numba: bool | None = None) -> None:
        self.states: Floats = np.broadcast_to(no_values(features), (groups, FIELDS, features)).copy()
        self.outside = 0
        self.numba = has_numba() if use_numba is None else use_numba

    def update(self, rows: NDArray[Any], keep: NDArray[np.bool_] | None, ids: NDArray[np.int64]) -> None:
        """Take in observations (rows, features) with the group of each; -1 for a group that is not kept."""
        present, local = np.unique(ids, return_inverse=True)
        if len(present) and present[0] < 0:
            self.outside += int((ids < 0).sum())
            present, local = present[1:], local - 1
        if len(present):
            added = self._states(rows, keep, local.reshape(-1), len(present))
            self.states[present] = merge(self.states[present], added, use_numba=self.numba)

    def merge(self, other: GroupMoments) -> None:
        """Take in the moments of other rows of the same groups."""
        if other.states.shape != self.states.shape:
            raise UsageError("moments of other groups do not add up")
        self.states = merge(self.states, other.states, use_numba=self.numba)
        self.outside += other.outside

    def to_bytes(self) -> bytes:
        """Return the state as bytes."""
        return pack({"what": "groups", "outside": self.outside, "states": from_array(self.states)})

    @classmethod
    def from_bytes(cls, data: bytes) -> GroupMoments:
        """Return the state that ``to_bytes`` wrote."""
        found = unpack(data, "groups")
        groups = cls(0, 1)
        groups.states, groups.outside = to_array(found["states"]), int(found["outside"])
        return groups

    def _states(
        self, rows: NDArray[Any], keep: NDArray[np.bool_] | None, local: NDArray[np.int64], count: int
    ) -> Floats:
        if self.numba:
            out = np.empty((count, FIELDS, rows.shape[1]))
            compiled(grouped)(rows, _NO_MASK if keep is None else keep, keep is not None, local, out)
            return out
        order = np.argsort(local, kind="stable")[np.count_nonzero(local < 0) :]
        borders = np.searchsorted(local[order], np.arange(count))
        return states_by_numpy(rows[order], None if keep is None else keep[order], borders)


def scatter(name: str, states: Floats) -> Scatter:
    """Return how one feature's variance divides, from the states (groups, fields) of its groups.

    ICC(1) is (B - W) / (B + (n0 - 1) W) with the mean squares B between and W within groups, and n0 the mean group size corrected for
    unequal sizes (Donner 1986). Groups without finite values do not count.
    """
    states = states[states[:, COUNT] > 0]
    counts, total, groups = states[:, COUNT], float(states[:, COUNT].sum()), len(states)
    if not groups:
        return Scatter(name=name, groups=0, within=np.nan, between=np.nan, between_share=np.nan, intraclass=np.nan)
    means = (states[:, MEAN] - states[0, MEAN]) + states[:, MEAN_REST]
    inside, outside = float(states[:, M2].sum()), float(counts @ (means - counts @ means / total) ** 2)
    return Scatter(
        name=name,
        groups=groups,
        within=inside / total,
        between=outside / total,
        between_share=outside / (inside + outside) if inside + outside > 0 else np.nan,
        intraclass=_intraclass(inside, outside, counts),
    )


def _intraclass(inside: float, outside: float, counts: Floats) -> float:
    groups, total = len(counts), float(counts.sum())
    if groups < 2 or total <= groups or not inside + outside > 0:
        return float("nan")
    size = (total - float(counts @ counts) / total) / (groups - 1)
    between, within = outside / (groups - 1), inside / (total - groups)
    return (between - within) / (between + (size - 1) * within)

"""Moments per group and feature, a block at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from traindx.dataset.statistics.fields import (
    COUNT,
    HIGHEST,
    LOWEST,
    M2,
    M3,
    M4,
    MEAN,
    MEAN_REST,
    NAN,
    NEGATIVE,
    POSITIVE,
    ZEROS,
    Floats,
    no_values,
)
from traindx.dataset.statistics.groups import GroupMoments
from traindx.dataset.statistics.tiles import merge, tile_states

NAMES: Final = {
    "count": COUNT,
    "nan": NAN,
    "positive_infinite": POSITIVE,
    "negative_infinite": NEGATIVE,
    "zeros": ZEROS,
    "mean": MEAN,
    "mean_rest": MEAN_REST,
    "m2": M2,
    "m3": M3,
    "m4": M4,
    "minimum": LOWEST,
    "maximum": HIGHEST,
}
"""How the fields of a state are called where they are saved."""


@final
@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """A state of the streaming statistics for each group: (groups, fields, features). What is measured has the shape (groups, features)."""

    states: Floats

    @classmethod
    def empty(cls, groups: int, features: int) -> Moments:
        """Return the moments of nothing."""
        return cls(np.repeat(no_values(features)[None], groups, axis=0))

    def __len__(self) -> int:
        return len(self.states)

    @property
    def features(self) -> int:
        """How many features there are."""
        return int(self.states.shape[2])

    @property
    def count(self) -> Floats:
        """How many active, finite values there are."""
        return self.states[:, COUNT]

    @property
    def mean(self) -> Floats:
        """Their mean; 0 where there are none."""
        return self.states[:, MEAN]

    @property
    def variance(self) -> Floats:
        """Their variance, divided by their number; 0 where there are none."""
        return self.states[:, M2] / np.maximum(self.count, 1.0)

    @property
    def deviation(self) -> Floats:
        """Their standard deviation."""
        return np.sqrt(self.variance)

    @property
    def kurtosis(self) -> Floats:
        """Their fourth standardised moment: 3 for Gaussian values, NaN for constant ones."""
        with np.errstate(all="ignore"):
            return self.states[:, M4] * self.count / self.states[:, M2] ** 2

    @property
    def minimum(self) -> Floats:
        """The smallest; infinite where there are none."""
        return self.states[:, LOWEST]

    @property
    def maximum(self) -> Floats:
        """The largest."""
        return self.states[:, HIGHEST]

    def rows(self, rows: NDArray[np.intp]) -> Moments:
        """Return the table of some groups."""
        return Moments(self.states[rows])

    def larger(self, groups: int) -> Moments:
        """Return the table with room for more groups behind its own."""
        return self.joined(Moments.empty(groups - len(self), self.features))

    def joined(self, other: Moments) -> Moments:
        """Return a table of the groups of both, one below the other."""
        return Moments(np.concatenate([self.states, other.states]))

    def take(self, rows: NDArray[np.intp], other: Moments) -> None:
        """Merge group ``i`` of another table into group ``rows[i]`` of this one."""
        self.states[rows] = merge(np.ascontiguousarray(self.states[rows]), other.states)

    def pooled(self) -> Moments:
        """Return the moments of all groups together, in one row, added up by halves."""
        states = self.states
        while len(states) > 1:
            whole = len(states) // 2 * 2
            states = np.concatenate([merge(states[0:whole:2].copy(), states[1:whole:2].copy()), states[whole:]])
        return Moments(states)


def block_moments(
    values: NDArray[Any], active: NDArray[np.bool_] | None, codes: NDArray[np.intp] | None, groups: int
) -> Moments:
    """Return the moments of a block (entries, features) whose entries belong to the groups 0 to ``groups - 1``; None: to one."""
    if codes is None or groups == 1:
        return Moments(_state(values, active))
    measured = GroupMoments(groups, values.shape[1])
    measured.update(np.ascontiguousarray(values), active, codes.astype(np.int64))
    return Moments(measured.states)


def _state(values: NDArray[Any], active: NDArray[np.bool_] | None) -> Floats:
    if not len(values):
        return no_values(values.shape[1])[None]
    return tile_states(
        np.ascontiguousarray(values)[None], None if active is None else np.ascontiguousarray(active)[None]
    )

"""Moments per group and feature, a block at a time, in float64."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@final
@dataclass(slots=True, eq=False)
class Moments:
    """Count, extremes, mean and the sums of the powers two to four of the distance to it; each of shape (groups, features).

    Of active, finite values; ``nan`` counts the active ones that are not finite.
    """

    count: Floats
    nan: Floats
    mean: Floats
    m2: Floats
    m3: Floats
    m4: Floats
    minimum: Floats
    maximum: Floats

    @property
    def deviation(self) -> Floats:
        """The standard deviation over the values themselves (divided by their number); 0 where there are none."""
        return np.sqrt(self.m2 / np.where(self.count > 0, self.count, 1.0))

    @property
    def kurtosis(self) -> Floats:
        """The fourth standardised moment: 3 for Gaussian values, NaN for constant ones."""
        with np.errstate(all="ignore"):
            return self.m4 * self.count / self.m2**2

    @classmethod
    def empty(cls, groups: int, features: int) -> Moments:
        """Return the moments of nothing."""
        zero = np.zeros((8, groups, features))
        zero[6], zero[7] = np.inf, -np.inf
        return cls(*zero)

    def merged(self, other: Moments) -> Moments:
        """Return the moments of both together. Source: Pébay 2008, the pairwise formulas for the third and fourth power."""
        with np.errstate(over="ignore", invalid="ignore"):  # extremes are refused when the fit is settled
            return self._merged(other)

    def _merged(self, other: Moments) -> Moments:
        n = self.count + other.count
        whole = np.where(n > 0, n, 1.0)
        share = other.count / whole
        rest = self.count / whole
        gap = other.mean - self.mean
        cross = self.count * share  # n_a n_b / n
        m3 = self.m3 + other.m3 + gap**3 * cross * (rest - share) + 3 * gap * (rest * other.m2 - share * self.m2)
        m4 = (
            self.m4
            + other.m4
            + gap**4 * cross * (rest * rest - rest * share + share * share)
            + 6 * gap**2 * (rest * rest * other.m2 + share * share * self.m2)
            + 4 * gap * (rest * other.m3 - share * self.m3)
        )
        return Moments(
            n,
            self.nan + other.nan,
            self.mean + gap * share,
            self.m2 + other.m2 + gap**2 * cross,
            m3,
            m4,
            np.minimum(self.minimum, other.minimum),
            np.maximum(self.maximum, other.maximum),
        )

    def take(self, rows: NDArray[np.intp], other: Moments) -> None:
        """Merge row ``i`` of another table into row ``rows[i]`` of this one."""
        joint = self.rows(rows).merged(other)
        for field in fields(self):
            getattr(self, field.name)[rows] = getattr(joint, field.name)

    def placed(self, rows: NDArray[np.intp], groups: int) -> Moments:
        """Return a larger table that has row ``i`` of this one at ``rows[i]``."""
        wide = Moments.empty(groups, self.count.shape[1])
        for field in fields(self):
            getattr(wide, field.name)[rows] = getattr(self, field.name)
        return wide

    def pooled(self) -> Moments:
        """Return the moments of all groups together, in one row; halves are merged, so that the order of groups hardly matters."""
        found = self
        while found.count.shape[0] > 1:
            half = (found.count.shape[0] + 1) // 2
            tail = found.rows(np.arange(half, found.count.shape[0]))
            found = found.rows(np.arange(half)).merged(tail.placed(np.arange(tail.count.shape[0]), half))
        return found

    def joined(self, other: Moments) -> Moments:
        """Return a table of the groups of both, one below the other."""
        return Moments(*(np.concatenate([getattr(self, f.name), getattr(other, f.name)]) for f in fields(self)))

    def rows(self, rows: NDArray[np.intp]) -> Moments:
        """Return the table of some groups."""
        return Moments(*(getattr(self, field.name)[rows] for field in fields(self)))


def block_moments(values: Floats, active: NDArray[np.bool_] | None, codes: NDArray[np.intp], groups: int) -> Moments:
    """Return the moments of a block (values, features) whose rows belong to the groups 0 to ``groups - 1``, each of which occurs."""
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        return _block(values, active, codes, groups)


def _block(values: Floats, active: NDArray[np.bool_] | None, codes: NDArray[np.intp], groups: int) -> Moments:
    order = np.argsort(codes, kind="stable")
    starts = np.searchsorted(codes[order], np.arange(groups))
    values, segment = values[order], codes[order]
    wanted = np.ones(values.shape, dtype=bool) if active is None else active[order]
    used = wanted & np.isfinite(values)
    count = np.add.reduceat(used, starts, axis=0, dtype=np.float64)
    whole = np.where(count > 0, count, 1.0)
    mean = np.add.reduceat(np.where(used, values, 0.0), starts, axis=0) / whole
    away = np.where(used, values - mean[segment], 0.0)
    slip = np.add.reduceat(away, starts, axis=0) / whole  # what rounding left of the mean
    away = np.where(used, away - slip[segment], 0.0)
    squares = away * away
    return Moments(
        count,
        np.add.reduceat(wanted & ~used, starts, axis=0, dtype=np.float64),
        mean + slip,
        np.add.reduceat(squares, starts, axis=0),
        np.add.reduceat(squares * away, starts, axis=0),
        np.add.reduceat(squares * squares, starts, axis=0),
        np.minimum.reduceat(np.where(used, values, np.inf), starts, axis=0),
        np.maximum.reduceat(np.where(used, values, -np.inf), starts, axis=0),
    )

"""Series that print the mean of everything since the start, and the values that they hide."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from traindx.signals.noise import Floats

_FEWEST = 20
_MOST = 20_000
# Second differences that tell a scatter.
_PART = 4
# The scatter of what is hidden is of one size from the first counts to the last, within this factor.
_ALIKE = 3.0
# Scatter of means of two neighbours over that of single values: 0.71 where they are independent, 0.5 where each leaps back
# from the one before (a curve that is no mean), and over 1.4 where they are smooth.
_PAIRS = (0.6, 1.4)


@final
@dataclass(frozen=True, slots=True)
class RunningMean:
    """A series that is a running mean: the ``values`` it was made of, and how much more they scatter (``louder``)."""

    values: Floats
    louder: float


def undo_running_mean(means: Floats, counts: Floats | None = None) -> Floats:
    """Return the values whose running mean since the start is ``means``: x_n = n m_n - (n - 1) m_{n-1}.

    ``counts`` are the items in each mean (1, 2, 3, ... by default); a count that goes down begins a new mean.

    >>> import numpy as np
    >>> undo_running_mean(np.array([4.0, 3.0, 2.0]))
    array([4., 2., 0.])
    """
    n = np.arange(1.0, len(means) + 1) if counts is None else counts
    before = np.concatenate(([0.0], n[:-1] * means[:-1]))
    fewer = np.concatenate(([0.0], n[:-1]))
    fresh = n <= fewer
    before[fresh], fewer[fresh] = 0.0, 0.0
    return np.asarray((n * means - before) / (n - fewer), dtype=np.float64)


def running_mean(values: Floats, counts: Floats | None = None) -> RunningMean | None:
    """Return what a series of 20 to 20,000 finite values hides where it is a running mean, or None.

    The noise of a running mean dies away as one over its count. Undone, its values scatter alike from the first counts to
    the last, whatever their neighbours do; a series that is no such mean, undone, scatters the more the further it
    goes, each point against the one before. ``counts`` as in ``undo_running_mean``: turns that begin anew are judged together.

    Measured false alarms in Gaussian, heavy-tailed (t, three degrees of freedom) and dependent (autocorrelation 0.9)
    noise: 20 points 0, 0, 0 %; 200 points 0, 0, 0 %; 2,000 points 0, 0, 0 %; 20,000 points 0, 0, 0 %. Running means
    of such noise are found in: 20 points 0, 0, 0 %; 200 points 75, 80, 88 %; 2,000 points 100, 100, 100 %; 20,000
    points 100, 100, 100 %.
    """
    if not _FEWEST <= len(values) <= _MOST:
        return None
    n = np.arange(1.0, len(values) + 1) if counts is None else counts
    hidden = undo_running_mean(values, n)
    if not bool(np.isfinite(hidden).all()):
        return None
    parts = _by_count(n)
    if parts is None:
        return None
    # The noise of a loss keeps its size, or falls with its level.
    scales = (hidden, np.log(hidden)) if bool((hidden > 0).all()) else (hidden,)
    if not any(_alike(scaled, n, parts) for scaled in scales):
        return None
    last = parts[-1]
    shown, scatter = (float(np.median(_bends(series)[last])) for series in (values, hidden))
    return RunningMean(hidden, scatter / max(shown, 1e-300))


def _alike(hidden: Floats, n: Floats, parts: Sequence[NDArray[np.intp]]) -> bool:
    """Whether the hidden values scatter alike from the first counts to the last, each by itself."""
    scatter = _bends(hidden)
    sizes = [float(np.median(scatter[part])) for part in parts]
    grows = float(n.max() / 2) ** (2 / 3)  # what the sizes of no running mean differ by
    return (
        min(sizes) > 0
        and max(sizes) / min(sizes) < min(_ALIKE, grows**0.5)
        and _PAIRS[0] < _pairs(hidden, n) < _PAIRS[1]
    )


def _bends(values: Floats) -> Floats:
    """Absolute second differences, one for each point but the first two."""
    return np.asarray(np.abs(values[2:] - 2 * values[1:-1] + values[:-2]), dtype=np.float64)


def _by_count(counts: Floats) -> list[NDArray[np.intp]] | None:
    """Indices of second differences inside one turn, in three parts by the count, each as many times the one before."""
    inside = (counts[2:] > counts[1:-1]) & (counts[1:-1] > counts[:-2])
    edges = np.geomspace(2.5, float(counts.max()) + 0.5, 4) if float(counts.max()) >= _FEWEST / 2 else np.zeros(4)
    parts = [np.flatnonzero(inside & (counts[2:] > a) & (counts[2:] <= b)) for a, b in itertools.pairwise(edges)]
    return parts if min(len(part) for part in parts) >= _PART else None


def _pairs(hidden: Floats, counts: Floats) -> float:
    """Scatter of means of two neighbours over that of single values, in the second half of the turns; NaN where there are few."""
    late = counts > 0.5 * float(counts.max())
    values = hidden[late]
    even = values[: len(values) // 2 * 2].reshape(-1, 2).mean(axis=1)
    if len(even) < _FEWEST // 2:
        return float("nan")
    single = float(np.median(_bends(values)))
    return float(np.median(_bends(even))) / single if single > 0 else float("nan")

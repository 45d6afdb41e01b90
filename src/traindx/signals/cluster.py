"""Several streams in one series: values that keep to a few levels and jump between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from traindx.signals.noise import Floats

_FEWEST = 3
# From this length on, a trend can be taken off, and narrower gaps are believed.
_MANY = 12
_FEW_VALUES = 4


@final
@dataclass(frozen=True, slots=True)
class Clusters:
    """Levels between which a series alternates.

    ``labels`` gives each point's cluster (0 is the lowest), ``centres`` their medians, ``ratio`` the smallest gap between
    neighbouring clusters over the widest cluster, ``switches`` how many neighbouring points change cluster.
    """

    labels: NDArray[np.intp]
    centres: tuple[float, ...]
    ratio: float
    switches: int


def interleaved_clusters(values: Floats, *, most: int = 4, gap_ratio: float | None = None) -> Clusters | None:
    """Return the clusters of a series of finite values that alternates between separate levels, or None.

    Values are taken on the log scale where positive, and from twelve points on about their common trend as well. They are cut at their widest gaps, into as many clusters (two to
    ``most``) as stay separated: the narrowest gap must be ``gap_ratio`` times the widest cluster, and every cluster hold
    three points or more (fewer are excursions, not streams). They are *interleaved* where the series
    changes cluster far more often than a curve that merely falls through levels would: at least a third of all
    steps, and at least twice the number of clusters. ``gap_ratio`` is 2 from twelve points on and 3 below by default: then
    under 1 % of Gaussian, lognormal, uniform, random-walk or decaying noise series are called clustered.
    """
    if len(values) < 8 or len(values) > 2_000:
        return None
    needed = gap_ratio if gap_ratio is not None else 2.0 if len(values) >= _MANY else 3.0
    scaled = np.log(values) if bool((values > 0).all()) else values
    grain = _grain(values, logarithmic=scaled is not values)
    found = _at_levels(scaled, values, most, needed, grain)
    if found is None and len(values) >= _MANY:
        found = _at_levels(_detrended(scaled), values, most, needed, grain)
    return found


def _at_levels(scaled: Floats, values: Floats, most: int, needed: float, grain: float) -> Clusters | None:
    order = np.sort(scaled)
    gaps = np.diff(order)
    for count in range(most, 1, -1):
        cuts = np.sort(np.argsort(gaps)[-(count - 1) :])
        smallest = float(gaps[cuts].min())
        labels = np.searchsorted((order[cuts] + order[cuts + 1]) / 2, scaled).astype(np.intp)
        switches = int(np.count_nonzero(np.diff(labels)))
        few = int(np.bincount(labels, minlength=count).min()) < _FEWEST
        if few or not smallest > 0 or switches < max(2 * count, (len(values) - 1) / 3):
            continue
        widest = max(*(float(np.ptp(scaled[labels == k])) for k in range(count)), grain)
        if smallest >= needed * widest:
            centres = tuple(float(np.median(values[labels == k])) for k in range(count))
            return Clusters(labels, centres, smallest / widest, switches)
    return None


def _grain(values: Floats, *, logarithmic: bool) -> float:
    """Twice the distance of the nearest different values: levels that rounding makes are no streams.

    Where a few exact values are all there are, a tenth of their size stands in for it.
    """
    distinct = np.unique(values)
    if len(distinct) < 2:
        return np.inf
    if len(distinct) <= _FEW_VALUES:
        return 0.1 if logarithmic else np.inf
    nearest = 2 * float(np.min(np.diff(distinct)))
    return nearest / float(np.median(values)) if logarithmic else nearest


def _detrended(values: Floats) -> Floats:
    """Values about a parabola in the logarithm of time: streams that fall together come to lie at levels."""
    time = np.log1p(np.arange(len(values)))
    terms = np.column_stack([np.ones_like(time), time, np.square(time)])
    fit = np.linalg.lstsq(terms, values, rcond=None)[0]
    return np.asarray(values - terms @ fit, dtype=np.float64)

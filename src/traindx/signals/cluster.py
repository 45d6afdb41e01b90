"""Several streams in one series: values that keep to a few levels and jump between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from traindx.signals.noise import Floats

_FEWEST = 3


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

    Values are taken on the log scale where positive. They are cut at their widest gaps, into as many clusters (two to
    ``most``) as stay separated: the narrowest gap must be ``gap_ratio`` times the widest cluster, and every cluster hold
    three points or more (fewer are excursions, not streams). They are *interleaved* where the series
    changes cluster far more often than a curve that merely falls through levels would: at least a third of all
    steps, and at least twice the number of clusters. ``gap_ratio`` is 2 from twelve points on and 3 below by default: then
    under 1 % of Gaussian, lognormal, uniform, random-walk or decaying noise series are called clustered.
    """
    if len(values) < 8 or len(values) > 2_000:
        return None
    needed = gap_ratio if gap_ratio is not None else 2.0 if len(values) >= 12 else 3.0
    scaled = np.log(values) if bool((values > 0).all()) else values.astype(np.float64)
    order = np.sort(scaled)
    gaps = np.diff(order)
    for count in range(most, 1, -1):
        cuts = np.sort(np.argsort(gaps)[-(count - 1) :])
        bounds = (order[cuts] + order[cuts + 1]) / 2
        labels = np.searchsorted(bounds, scaled).astype(np.intp)
        sizes = np.bincount(labels, minlength=count)
        widths = [float(np.ptp(scaled[labels == k])) for k in range(count)]
        smallest = float(gaps[cuts].min())
        switches = int(np.count_nonzero(np.diff(labels)))
        separated = smallest > 0 and smallest >= needed * max(widths)
        mixed = switches >= max(2 * count, (len(values) - 1) / 3)
        if separated and mixed and int(sizes.min()) >= _FEWEST:
            centres = tuple(float(np.median(values[labels == k])) for k in range(count))
            return Clusters(labels, centres, smallest / max(*widths, 1e-12), switches)
    return None

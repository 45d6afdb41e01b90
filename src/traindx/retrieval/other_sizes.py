"""The same ranks in a gallery of another size: smaller ones exactly, larger ones by a model with two parameters."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import final

import numpy as np
from numpy.typing import NDArray

from traindx.errors import UsageError
from traindx.retrieval.ranking import Ranking, Ties
from traindx.retrieval.spread import Labels, mean_error, mean_spread

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

_Z95 = 1.959963984540054
_LEAST_GALLERY = 8  # of which a quarter is a gallery still


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class AtSize:
    """R@1 to expect with ``gallery_size`` items: ``exact`` is the mean over random sub-galleries, else a model's answer."""

    gallery_size: int
    value: float
    low: float
    high: float
    exact: bool
    by: str


def hits_at_size(above: Counts, gallery_size: int, size: int, k: int = 1) -> Floats:
    """Return, for each query, the probability that its item is among the first ``k`` of a random sub-gallery of ``size``.

    ``above`` counts the rivals that beat the right item among the ``gallery_size - 1`` others. The sub-gallery holds the right item and ``size - 1`` of the others, so that the rivals in it are hypergeometric.

    >>> hits_at_size(np.array([0, 1, 9]), 10, 2).round(3).tolist()
    [1.0, 0.889, 0.0]
    """
    others, drawn = gallery_size - 1, size - 1
    if not 1 <= size <= gallery_size:
        raise UsageError(f"a sub-gallery of {size} items cannot be drawn from {gallery_size}")
    values, back = np.unique(above, return_inverse=True)
    total: Floats = np.zeros(len(values))
    for beaten in range(min(k, drawn + 1)):
        total += np.exp(_log_hypergeometric(values, others, drawn, beaten))
    return np.asarray(np.minimum(total, 1.0)[back.reshape(-1)], dtype=np.float64)


def _log_hypergeometric(marked: Counts, others: int, drawn: int, got: int) -> Floats:
    """Log probability that ``got`` of the ``marked`` among ``others`` are drawn; minus infinity where it cannot be."""
    logs = _log_factorials(others)
    may = (marked >= got) & (others - marked >= drawn - got)
    m = np.where(may, marked, got)
    rest = np.where(may, others - marked, drawn - got)
    whole = logs[others] - logs[drawn] - logs[others - drawn]
    part = logs[m] - logs[got] - logs[m - got] + logs[rest] - logs[drawn - got] - logs[rest - (drawn - got)] - whole
    return np.where(may, part, -np.inf)


def _log_factorials(most: int) -> Floats:
    return np.concatenate(([0.0], np.cumsum(np.log(np.arange(1, most + 1, dtype=np.float64)))))


def reciprocal_at_size(above: Counts, gallery_size: int, size: int) -> Floats:
    """Return, for each query, the mean reciprocal rank over random sub-galleries of ``size`` that hold its item.

    With X rivals drawn, E 1/(1 + X) = N/((a + 1) N') (1 - C(N-1-a, N')/C(N, N')).

    >>> reciprocal_at_size(np.array([0, 1, 9]), 10, 2).round(3).tolist()
    [1.0, 0.944, 0.5]
    """
    logs = _log_factorials(gallery_size)
    left = gallery_size - 1 - above
    may = left >= size
    kept = np.where(may, left, size)
    log_none = logs[kept] - logs[kept - size] - logs[gallery_size] + logs[gallery_size - size]
    none = np.where(may, np.exp(log_none), 0.0)
    return np.asarray(gallery_size / ((above + 1.0) * size) * (1 - none), dtype=np.float64)


def hits_of_ranking(ranking: Ranking, ties: Ties, size: int, k: int = 1) -> Floats:
    """Return the same from a ranking, for the first right item of each query."""
    return _over_ties(ranking, ties, lambda above: hits_at_size(above, ranking.gallery_size, size, k))


def reciprocal_of_ranking(ranking: Ranking, ties: Ties, size: int) -> Floats:
    """Return the mean reciprocal rank in a sub-gallery, for the first right item of each query."""
    return _over_ties(ranking, ties, lambda above: reciprocal_at_size(above, ranking.gallery_size, size))


def first_rivals(ranking: Ranking, ties: Ties) -> tuple[Counts, Counts]:
    """Return how many items beat the first right item of each query, at least and at most."""
    first = ranking.starts[:-1]
    above, level = ranking.above[first], ranking.level[first] - ranking.right_among()[1][first]
    return above + (level if ties == "pessimistic" else 0), above + (0 if ties == "optimistic" else level)


def _over_ties(ranking: Ranking, ties: Ties, score: Callable[[Counts], Floats]) -> Floats:
    """Return the mean score over the places that ties leave open, by up to 33 of them evenly spread."""
    least, most = first_rivals(ranking, ties)
    if bool(np.all(least == most)):
        return score(least)
    shares = np.linspace(0.0, 1.0, 33)
    return np.asarray(np.mean([score(np.rint(least + at * (most - least)).astype(np.int64)) for at in shares], axis=0))


def recall_at_size(above: Counts, gallery_size: int, size: int, clusters: Labels | None = None) -> AtSize:
    """Return R@1 to expect in a gallery of ``size`` items, smaller or larger than the one that was ranked.

    Smaller: the mean over all random sub-galleries, exactly. Larger: a model in which rivals score as N(0, 1) and the right item as N(m, s²), with m
    and s from the exact recalls of this gallery and of its quarter. Its interval follows the queries through the fit (delta method, on the logit scale), and is stretched to
    the answer of the model with s = 1, as a second opinion. Duplicates and hard rivals that this gallery lacks make larger ones harder than either model says.
    """
    if size <= gallery_size:
        hits = hits_at_size(above, gallery_size, size)
        spread = mean_spread(hits, clusters)
        return AtSize(
            gallery_size=size,
            value=float(hits.mean()),
            low=spread.low,
            high=spread.high,
            exact=True,
            by="mean over all sub-galleries",
        )
    return _larger(above, gallery_size, size, clusters)


def _larger(above: Counts, gallery_size: int, size: int, clusters: Labels | None) -> AtSize:
    if gallery_size < _LEAST_GALLERY:
        raise UsageError(
            f"a gallery of {gallery_size} tells nothing of one of {size:,}", hint=f"rank {_LEAST_GALLERY} items or more"
        )
    quarter = max(gallery_size // 4, 2)
    pairs = np.stack([hits_at_size(above, gallery_size, n) for n in (gallery_size, quarter)])
    full, part = _inside(float(pairs[0].mean())), _inside(float(pairs[1].mean()))
    fit = Fit(full, part, gallery_size, quarter)
    value = _inside(fit.at(size))
    slopes = [_slope(fit, size, which, value) for which in (0, 1)]
    error = mean_error(slopes[0] * pairs[0] + slopes[1] * pairs[1], clusters).error
    centre = math.log(value / (1 - value))
    low, high = (_logistic(centre + z * error) for z in (-_Z95, _Z95))
    other = model_recall(_margin(full, gallery_size, 1.0), 1.0, size)
    return AtSize(
        gallery_size=size,
        value=value,
        low=min(low, other),
        high=max(high, other),
        exact=False,
        by=f"normal scores fitted at {quarter:,} and {gallery_size:,} items",
    )


def _slope(fit: Fit, size: int, which: int, value: float) -> float:
    """Change of the answer's logit with one of the two recalls."""
    share = fit.part if which else fit.full
    step = 0.02 * min(share, 1 - share)
    moved = [replace(fit, part=share + s) if which else replace(fit, full=share + s) for s in (step, -step)]
    up, down = (one.at(size) for one in moved)
    return (up - down) / (2 * step) / (value * (1 - value))


def _logistic(x: float) -> float:
    return float(1 / (1 + np.exp(-x)))


def _inside(share: float) -> float:
    return min(max(share, 1e-6), 1 - 1e-6)


@final
@dataclass(frozen=True, slots=True)
class Fit:
    """Two recalls at two gallery sizes, through which one normal law of the right item's score passes."""

    full: float
    part: float
    size_full: int
    size_part: int

    def at(self, size: int) -> float:
        """Return the recall that the law gives at another size. The wider the law, the less recall falls with size."""
        low, high = 0.1, 10.0
        for _ in range(26):
            width = math.sqrt(low * high)
            margin = _margin(self.part, self.size_part, width)
            low, high = (width, high) if model_recall(margin, width, self.size_full) < self.full else (low, width)
        width = math.sqrt(low * high)
        return model_recall(_margin(self.part, self.size_part, width), width, size)


def _margin(recall: float, size: int, width: float) -> float:
    low, high = -8.0 * width - 8, 8.0 * width + 8
    for _ in range(36):
        middle = (low + high) / 2
        low, high = (middle, high) if model_recall(middle, width, size) < recall else (low, middle)
    return (low + high) / 2


_GRID = np.linspace(-8.0, 8.0, 641)
_WEIGHTS = np.exp(-0.5 * _GRID**2) / np.sum(np.exp(-0.5 * _GRID**2))
_PLACES = np.linspace(-38.0, 9.0, 9401)  # Φ is 0 and 1 to a float's digits beyond


@cache
def _log_cdf() -> Floats:
    """The logarithm of the normal distribution function at ``_PLACES``."""
    return np.array([math.log(0.5 * math.erfc(-x / math.sqrt(2))) for x in _PLACES.tolist()])


def model_recall(margin: float, width: float, gallery_size: int) -> float:
    """Return R@1 where the right item scores N(margin, width²) and each rival N(0, 1): E Φ(x)^(N-1).

    >>> round(model_recall(0.0, 1.0, 100), 4)
    0.01
    """
    logs = np.interp(margin + width * _GRID, _PLACES, _log_cdf())
    return float(_WEIGHTS @ np.exp((gallery_size - 1) * logs))

"""Hubs: items that stand among the first for far more queries than their share, and items that never do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_K = 10
_NULLS = 3
_WIDEST = 1024  # beyond it Gaussian rows make no more hubs: cosines of so many dimensions differ in order only


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Hubs:
    """How often each of ``items`` sampled items is among the first ``k`` of ``queries`` sampled queries.

    ``skewness`` is that of the counts, ``top_share`` the share of all places that the first 1 % of items hold, ``never`` the share of items that hold none; each with what
    Gaussian rows of the same dimension and numbers give (``null_...``, mean of several draws; ``null_error`` is the deviation of their skewness).
    """

    queries: int
    items: int
    k: int
    skewness: float
    top_share: float
    never: float
    null_skewness: float
    null_error: float
    null_top_share: float
    null_never: float

    @property
    def top_items(self) -> int:
        """How many items the first 1 % are: one at least."""
        return _top(self.items)

    @property
    def top_possible(self) -> float:
        """The share of all places that so many items can hold at most: each stands once among the first ``k`` of a query."""
        return min(1.0, self.top_items / self.k)


def hubs(queries: Floats, items: Floats, k: int = _K) -> Hubs | None:
    """Return the hubs of samples of unit rows, or None where there are too few items to tell."""
    k = min(k, len(items) // 10)
    if k < 1 or len(queries) < 20:
        return None
    measured = _numbers(_occurrences(queries, items, k))
    wide = min(items.shape[1], _WIDEST)
    nulls = np.array([_numbers(_gaussian(len(queries), len(items), wide, k, seed)) for seed in range(_NULLS)])
    null = nulls.mean(axis=0)
    return Hubs(
        queries=len(queries),
        items=len(items),
        k=k,
        skewness=measured[0],
        top_share=measured[1],
        never=measured[2],
        null_skewness=float(null[0]),
        null_error=float(nulls[:, 0].std(ddof=1)),
        null_top_share=float(null[1]),
        null_never=float(null[2]),
    )


def _gaussian(queries: int, items: int, dimension: int, k: int, seed: int) -> Floats:
    rng = np.random.default_rng(seed)
    sides = [rng.standard_normal((n, dimension), dtype=np.float32) for n in (queries, items)]
    units = [side / np.linalg.norm(side, axis=1, keepdims=True) for side in sides]
    return _occurrences(units[0], units[1], k)


def _occurrences(queries: NDArray[np.floating], items: NDArray[np.floating], k: int) -> Floats:
    scores = queries.astype(np.float32) @ items.astype(np.float32).T
    first = np.argpartition(scores, len(items) - k, axis=1)[:, -k:]
    return np.bincount(first.reshape(-1), minlength=len(items)).astype(np.float64)


def _numbers(counts: Floats) -> tuple[float, float, float]:
    """Skewness, the share of the first 1 % of items, and the share of items that never occur."""
    apart = counts - counts.mean()
    deviation = float(apart.std())
    skewness = float(np.sum(apart**3)) / len(apart) / deviation**3 if deviation > 0 else 0.0
    top = np.sort(counts)[-_top(len(counts)) :]
    return skewness, float(top.sum() / counts.sum()), np.count_nonzero(counts == 0) / len(counts)


def _top(items: int) -> int:
    return max(items // 100, 1)

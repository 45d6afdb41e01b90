"""Embeddings and rankings drawn for the tests."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from traindx.retrieval import Ranking

Rows = NDArray[np.float64]


def pairs(rows: int = 600, dimension: int = 32, noise: float = 1.0, seed: int = 0) -> tuple[Rows, Rows]:
    """Two noisy views of the same Gaussian rows."""
    rng = np.random.default_rng(seed)
    truth = rng.normal(size=(rows, dimension))
    return truth + noise * rng.normal(size=truth.shape), truth + noise * rng.normal(size=truth.shape)


def ranked(ranks: NDArray[np.int64], gallery_size: int) -> Ranking:
    """A ranking with one right item each, without ties."""
    return Ranking(
        above=ranks - 1,
        level=np.zeros_like(ranks),
        starts=np.arange(len(ranks) + 1, dtype=np.int64),
        gallery_size=gallery_size,
    )


def random_ranking(positives: NDArray[np.int64], gallery_size: int, rng: np.random.Generator) -> Ranking:
    """A random order of the gallery for each query, in which so many items are right."""
    places = [np.sort(rng.choice(gallery_size, int(p), replace=False)) for p in positives]
    above = np.concatenate(places).astype(np.int64)
    starts = np.concatenate(([0], np.cumsum(positives))).astype(np.int64)
    return Ranking(above=above, level=np.zeros_like(above), starts=starts, gallery_size=gallery_size)

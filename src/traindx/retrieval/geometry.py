"""How embeddings lie in space: how alike they are, how many directions they use, and how far two sides stand apart."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from traindx.retrieval.embeddings import Embeddings

Floats = NDArray[np.float64]
_ROWS = 2048  # enough to know a mean cosine to 0.001 and the spectrum of a thousand dimensions to a few per cent
_LARGEST_SPECTRUM = 1024
_NUMBERS = 1 << 23
_FEWEST = 64


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Geometry:
    """One side, measured on ``sampled`` of its ``rows``; cosines and directions are of rows scaled to length 1.

    ``mean_cosine`` is that of two different random rows. ``participation`` is the number of directions by which variance is shared, the squared
    sum of the covariance's eigenvalues over the sum of their squares, with the bias of the sample taken out; ``effective_rank`` the exponential of their entropy (NaN where
    the spectrum would be too large). ``length_spread`` is the standard deviation of the rows' lengths over their mean.
    """

    rows: int
    dimension: int
    sampled: int
    mean_cosine: float
    participation: float
    effective_rank: float
    length_spread: float


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """How far the two sides stand apart: distance of their centroids, spread about their own, and how well a plane parts them.

    ``separable`` is the share of held-out rows on the right side of the plane between the centroids: 0.5 for two samples of one cloud.
    """

    distance: float
    spread: float
    separable: float


def sample(side: Embeddings, most: int = _ROWS) -> tuple[NDArray[np.int64], Floats]:
    """Return numbers and unit rows of a sample, the same at every call; all rows where there are no more than ``most``.

    Very wide rows are sampled more thinly, so that the sample stays within 64 MB.
    """
    total, most = len(side), min(most, max(_NUMBERS // side.dim, _FEWEST))
    which = np.arange(total, dtype=np.int64)
    if total > most:
        which = np.sort(np.random.default_rng(0).choice(total, most, replace=False)).astype(np.int64)
    return which, units(side.rows(which).astype(np.float64), side.lengths[which])


def units(rows: Floats, lengths: Floats) -> Floats:
    """Return rows divided by their lengths."""
    return rows / lengths[:, None]


def geometry(side: Embeddings, rows: Floats) -> Geometry:
    """Return the geometry of a side, from a sample of its unit rows."""
    n = len(rows)
    total = rows.sum(axis=0)
    cosine = (float(total @ total) - n) / (n * (n - 1)) if n > 1 else math.nan
    participation, effective = spectrum(rows)
    lengths = side.lengths
    return Geometry(
        rows=len(side),
        dimension=side.dim,
        sampled=n,
        mean_cosine=cosine,
        participation=participation,
        effective_rank=effective,
        length_spread=float(lengths.std() / lengths.mean()),
    )


def spectrum(rows: Floats) -> tuple[float, float]:
    """Return participation ratio and effective rank of the covariance of ``rows``.

    The squared Frobenius norm of a sample's covariance holds, beside that of the true one, about trace²/n: it is taken out. Sources: participation ratio, P. Gao et
    al., 2017; effective rank, O. Roy and M. Vetterli, 2007.
    """
    n = len(rows)
    centred = rows - rows.mean(axis=0)
    inner = centred.T @ centred if rows.shape[1] <= n else centred @ centred.T
    trace = float(np.trace(inner))
    if not trace > n * 1e-20:
        return 0.0, 0.0
    squares = float(np.sum(inner * inner))
    kept = max(squares - trace * trace / max(n - 1, 1), squares / n)
    if len(inner) > _LARGEST_SPECTRUM:
        return trace * trace / kept, math.nan
    values = np.clip(np.linalg.eigvalsh(inner), 0, None)
    shares = values / values.sum()
    shares = shares[shares > 0]
    return trace * trace / kept, float(np.exp(-np.sum(shares * np.log(shares))))


def gap(one: Floats, other: Floats) -> Gap:
    """Return how far two samples of unit rows stand apart; the plane is fitted to every second row and judged by the rest."""
    centres: list[Floats] = [side.mean(axis=0) for side in (one, other)]
    about = [float(np.sum((s - c) ** 2)) / len(s) for s, c in zip((one, other), centres, strict=True)]
    spread = math.sqrt(sum(about) / 2)
    distance = float(np.linalg.norm(centres[0] - centres[1]))
    if min(len(one), len(other)) < 4:
        return Gap(distance=distance, spread=spread, separable=math.nan)
    fitted: list[Floats] = [side[::2].mean(axis=0) for side in (one, other)]
    normal = fitted[0] - fitted[1]
    middle = float(normal @ (fitted[0] + fitted[1])) / 2
    beyond, before = (side[1::2] @ normal > middle for side in (one, other))
    right = np.count_nonzero(beyond) / len(beyond) + 1 - np.count_nonzero(before) / len(before)
    return Gap(distance=distance, spread=spread, separable=right / 2)

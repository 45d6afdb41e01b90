"""How many independent rows a sample is worth whose rows come in groups."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def effective_rows(values: NDArray[np.float64], groups: NDArray[np.int64] | None) -> float:
    """Return the number of independent rows that tell as much: n / (1 + (m - 1) r).

    r is the share of the variance between the groups (intraclass correlation, one-way analysis of variance), m the size of
    the group that a random row is in. Rows without groups count in full (L. Kish, 1965, the design effect).

    >>> values = np.repeat(np.random.default_rng(0).normal(size=100), 10)
    >>> round(effective_rows(values, np.repeat(np.arange(100), 10)))
    100
    """
    rows = len(values)
    if groups is None or rows < 3:
        return float(rows)
    sizes = np.bincount(groups).astype(np.float64)
    sums = np.bincount(groups, weights=values)
    present = sizes > 0
    sizes, sums = sizes[present], sums[present]
    if not 1 < len(sizes) < rows:
        return float(rows) if len(sizes) >= rows else 1.0
    means, centre = sums / sizes, float(values.mean())
    between = float((sizes * (means - centre) ** 2).sum())
    within = max(0.0, float(((values - centre) ** 2).sum()) - between)
    if not between + within > 0:
        return float(rows)
    typical = float((sizes**2).sum()) / rows
    balanced = (rows - typical) / (len(sizes) - 1)
    mean_between, mean_within = between / (len(sizes) - 1), within / (rows - len(sizes))
    correlation = (mean_between - mean_within) / (mean_between + (balanced - 1) * mean_within)
    return rows / (1 + (typical - 1) * min(max(correlation, 0.0), 1.0))

"""The inner loop of moments by group, for numba."""

from __future__ import annotations

from typing import Any

import numpy as np


def grouped(rows: Any, keep: Any, masked: bool, ids: Any, out: Any) -> None:  # noqa: C901 -- one loop nest
    """Fill ``out`` (groups, fields, features) from the finite values of ``rows`` (rows, features); ``ids`` has the group of each row.

    A negative id belongs to no group.
    """
    count, features = rows.shape
    groups = out.shape[0]
    mean = np.zeros((groups, features))
    sums = np.zeros((groups, 4, features))
    out[:] = 0.0
    out[:, 9] = np.inf
    out[:, 10] = -np.inf
    for i in range(count):
        g = ids[i]
        if g < 0:
            continue
        into, total = out[g], mean[g]
        for j in range(features):
            v = np.float64(rows[i, j])
            wanted = keep[i, j] if masked else True
            good = wanted and abs(v) < np.inf
            total[j] += v * 2.0**-20 if good else 0.0
            into[0, j] += 1.0 if good else 0.0
            into[1, j] += 1.0 if wanted and v != v else 0.0
            into[2, j] += 1.0 if wanted and v == np.inf else 0.0
            into[3, j] += 1.0 if wanted and v == -np.inf else 0.0
            into[4, j] += 1.0 if wanted and v == 0 else 0.0
            into[9, j] = v if good and v < into[9, j] else into[9, j]
            into[10, j] = v if good and v > into[10, j] else into[10, j]
    for g in range(groups):
        for j in range(features):
            mean[g, j] = mean[g, j] / max(out[g, 0, j], 1.0) * 2.0**20
    for i in range(count):
        g = ids[i]
        if g < 0:
            continue
        into, middle = sums[g], mean[g]
        for j in range(features):
            v = np.float64(rows[i, j])
            good = (keep[i, j] if masked else True) and abs(v) < np.inf
            d = v - middle[j] if good else 0.0
            dd = d * d
            into[0, j] += d
            into[1, j] += dd
            into[2, j] += dd * d
            into[3, j] += dd * dd
    for g in range(groups):
        for j in range(features):
            a1, a2, a3, a4 = sums[g, 0, j], sums[g, 1, j], sums[g, 2, j], sums[g, 3, j]
            e = a1 / max(out[g, 0, j], 1.0)
            if not abs(e) < np.inf:
                e = a1 = 0.0
            varies = out[g, 9, j] < out[g, 10, j]
            m = mean[g, j] + e
            b = m - mean[g, j]
            out[g, 5, j] = m if varies else (out[g, 9, j] if out[g, 0, j] else 0.0)
            out[g, 11, j] = (mean[g, j] - (m - b)) + (e - b) if varies else 0.0
            out[g, 6, j] = a2 - a1 * e if varies else 0.0
            out[g, 7, j] = a3 - 3.0 * e * a2 + 2.0 * (a1 * e) * e if varies else 0.0
            out[g, 8, j] = a4 - 4.0 * e * a3 + 6.0 * (e * e) * a2 - 3.0 * (a1 * e) * (e * e) if varies else 0.0

"""Moments where there is no machine code: the same sums, in numpy."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from traindx.dataset.statistics.fields import (
    COUNT,
    FIELDS,
    HIGHEST,
    LOWEST,
    M2,
    M3,
    M4,
    MEAN,
    MEAN_REST,
    NAN,
    NEGATIVE,
    POSITIVE,
    ZEROS,
    Floats,
)

Keep = NDArray[np.bool_]
_SCALE: Final = 2.0**20  # a tile has fewer values than this: their scaled sum cannot overflow


def states_by_numpy(rows: NDArray[Any], keep: Keep | None, borders: NDArray[np.intp]) -> Floats:
    """Return the states (parts, fields, lanes) of the parts of ``rows`` (rows, lanes) that begin at ``borders``; none is empty."""
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        return _states_by_numpy(rows, keep, borders)


def _states_by_numpy(rows: NDArray[Any], keep: Keep | None, borders: NDArray[np.intp]) -> Floats:
    def total(what: NDArray[Any]) -> Floats:
        if len(borders) == 1:
            whole: Floats = what.sum(0, dtype=np.float64)
            return whole[None]
        return np.add.reduceat(what, borders, axis=0, dtype=np.float64)

    values = rows.astype(np.float64)
    sizes = np.diff(borders, append=len(rows))
    part = np.repeat(np.arange(len(borders)), sizes) if len(borders) > 1 else slice(None)
    out = np.zeros((len(borders), FIELDS, values.shape[1]))
    finite: Keep = np.isfinite(values)
    good: Keep | None = None
    if keep is None and finite.all():  # the usual case, at half the cost
        out[:, COUNT] = sizes[:, None]
    else:
        wanted = np.ones(values.shape, np.bool_) if keep is None else keep
        good = finite & wanted
        out[:, COUNT] = total(good)
        out[:, NAN] = total(np.isnan(values) & wanted)
        out[:, POSITIVE] = total((values == np.inf) & wanted)
        out[:, NEGATIVE] = total((values == -np.inf) & wanted)

    def chosen(what: NDArray[Any], other: float) -> NDArray[Any]:
        return what if good is None else np.where(good, what, other)

    out[:, ZEROS] = total(chosen(values == 0, False))
    out[:, LOWEST] = np.minimum.reduceat(chosen(values, np.inf), borders, axis=0)
    out[:, HIGHEST] = np.maximum.reduceat(chosen(values, -np.inf), borders, axis=0)
    count = np.maximum(out[:, COUNT], 1.0)
    mean = total(chosen(values, 0.0) / _SCALE) / count * _SCALE
    d = chosen(values - mean[part], 0.0)
    dd = d * d
    a1, a2, a3, a4 = total(d), total(dd), total(dd * d), total(dd * dd)
    e = a1 / count
    safe = np.isfinite(e)
    a1, e = np.where(safe, a1, 0.0), np.where(safe, e, 0.0)
    varies = out[:, LOWEST] < out[:, HIGHEST]
    middle = mean + e
    back = middle - mean
    out[:, MEAN] = np.where(varies, middle, np.where(out[:, COUNT] > 0, out[:, LOWEST], 0.0))
    out[:, MEAN_REST] = np.where(varies, (mean - (middle - back)) + (e - back), 0.0)
    out[:, M2] = np.where(varies, a2 - a1 * e, 0.0)
    out[:, M3] = np.where(varies, a3 - 3.0 * e * a2 + 2.0 * (a1 * e) * e, 0.0)
    out[:, M4] = np.where(varies, a4 - 4.0 * e * a3 + 6.0 * (e * e) * a2 - 3.0 * (a1 * e) * (e * e), 0.0)
    return out


def merged_by_numpy(left: Floats, right: Floats) -> Floats:
    """Return what ``kernels.merged`` does, operation by operation: their answers are the same to the last bit."""
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        return _merged(left, right)


def _merged(left: Floats, right: Floats) -> Floats:
    out = np.empty(np.broadcast_shapes(left.shape, right.shape))
    out[:, :5] = left[:, :5] + right[:, :5]
    na, nb = left[:, COUNT], right[:, COUNT]
    n = np.maximum(na + nb, 1.0)
    ma, mb = left[:, MEAN], right[:, MEAN]
    fa, fb = na / n, nb / n
    ra, rb = left[:, MEAN_REST], right[:, MEAN_REST]
    d = np.where((na == 0) | (nb == 0), 0.0, (mb - ma) + (rb - ra))
    s = d * fb
    first = ma + s
    e = first - ma
    rest = ((ma - (first - e)) + (s - e)) + ra
    total = first + rest
    rest = rest - (total - first)
    safe = np.isfinite(d)
    mean, rest = np.where(safe, total, ma * fa + mb * fb), np.where(safe, rest, 0.0)
    dd, g = d * d, n * fa * fb
    a2, b2, a3, b3 = left[:, M2], right[:, M2], left[:, M3], right[:, M3]
    out[:, MEAN] = np.where(na == 0, mb, mean)
    out[:, MEAN_REST] = np.where(na == 0, rb, rest)
    out[:, M2] = a2 + b2 + dd * g
    out[:, M3] = a3 + b3 + d * (dd * g * (fa - fb) + 3.0 * (fa * b2 - fb * a2))
    out[:, M4] = (
        left[:, M4]
        + right[:, M4]
        + dd * (dd * g * (fa * fa - fa * fb + fb * fb) + 6.0 * (fa * fa * b2 + fb * fb * a2))
        + 4.0 * d * (fa * b3 - fb * a3)
    )
    out[:, LOWEST] = np.minimum(left[:, LOWEST], right[:, LOWEST])
    out[:, HIGHEST] = np.maximum(left[:, HIGHEST], right[:, HIGHEST])
    return out

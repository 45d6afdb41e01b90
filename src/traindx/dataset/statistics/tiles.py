"""The moments of whole tiles, by machine code or by numpy, and of two sets of tiles together."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from traindx.arrays.compiled import compiled, has_numba
from traindx.dataset.statistics import kernels
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
    fold,
)
from traindx.dataset.statistics.scratch import Scratch

Keep = NDArray[np.bool_]
_SCALE: Final = 2.0**20  # a tile has fewer values than this: their scaled sum cannot overflow
_NO_MASK: Final = np.zeros((0, 0, 0), np.bool_)


def tile_states(
    tiles: NDArray[Any], keep: Keep | None, *, use_numba: bool | None = None, scratch: Scratch | None = None
) -> Floats:
    """Return the states (tiles, fields, features) of ``tiles``: (tiles, rows, features), float32 or float64, in C order.

    ``keep`` has the same shape; what is false there is not counted at all. ``use_numba`` forces one of the two ways. The result
    may lie in ``scratch``.
    """
    count, rows, features = tiles.shape
    scratch = Scratch() if scratch is None else scratch
    side = fold(features)
    main = rows - rows % side
    states: Floats | None = None
    if main:
        shape = (count, main // side, side * features)
        states = _lane_states(
            _shaped(tiles, main, shape), None if keep is None else _shaped(keep, main, shape), use_numba, scratch
        )
        states = _folded(states, features, use_numba, scratch)
    if main < rows:
        rest = _lane_states(
            np.ascontiguousarray(tiles[:, main:]),
            None if keep is None else np.ascontiguousarray(keep[:, main:]),
            use_numba,
            scratch,
        )
        states = rest if states is None else merge(states, rest, use_numba=use_numba)
    return np.zeros((count, FIELDS, features)) if states is None else states


def merge(left: Floats, right: Floats, *, use_numba: bool | None = None, scratch: Scratch | None = None) -> Floats:
    """Return the states of ``left`` and ``right`` together; both of shape (nodes, fields, features)."""
    if _numba(use_numba):
        out = np.empty(left.shape) if scratch is None else scratch.take(*left.shape)
        compiled(kernels.merged)(left, right, out)
        return out
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        return _merged_by_numpy(left, right)


def pooled(states: Floats) -> Floats:
    """Return the states (groups, fields) of all features together, added up by halves, from those of each: (groups, fields, features)."""
    nodes: Floats = states.transpose(2, 1, 0)
    while len(nodes) > 1:
        half = len(nodes) // 2
        both = merge(nodes[0 : 2 * half : 2], nodes[1 : 2 * half : 2], use_numba=False)
        nodes = np.concatenate([both, nodes[2 * half :]])
    whole: Floats = nodes[0].T
    return whole


def _numba(wanted: bool | None) -> bool:
    return has_numba() if wanted is None else wanted


def _shaped(values: NDArray[Any], rows: int, shape: tuple[int, ...]) -> NDArray[Any]:
    return np.ascontiguousarray(values[:, :rows]).reshape(shape)


def _folded(states: Floats, features: int, use_numba: bool | None, scratch: Scratch) -> Floats:
    """Merge lanes of the same feature, the first half with the second, until one is left."""
    while states.shape[2] > features:
        half = states.shape[2] // 2
        states = merge(states[:, :, :half], states[:, :, half:], use_numba=use_numba, scratch=scratch)
    return states


def _lane_states(tiles: NDArray[Any], keep: Keep | None, use_numba: bool | None, scratch: Scratch) -> Floats:
    out = scratch.take(tiles.shape[0], FIELDS, tiles.shape[2])
    if not _numba(use_numba):
        for tile in range(len(tiles)):
            out[tile] = states_by_numpy(tiles[tile], None if keep is None else keep[tile], np.zeros(1, np.intp))[0]
        return out
    which = np.arange(len(tiles))
    if keep is None:
        odd = np.zeros(len(tiles), np.uint8)
        compiled(kernels.finite_tiles)(tiles, out, odd)
        which = np.flatnonzero(odd)
    if len(which):
        compiled(kernels.any_tiles)(tiles, _NO_MASK if keep is None else keep, which, out)
    return out


def states_by_numpy(rows: NDArray[Any], keep: Keep | None, borders: NDArray[np.intp]) -> Floats:
    """Return the states (parts, fields, lanes) of the parts of ``rows`` (rows, lanes) that begin at ``borders``; none is empty."""
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        return _states_by_numpy(rows, keep, borders)


def _states_by_numpy(rows: NDArray[Any], keep: Keep | None, borders: NDArray[np.intp]) -> Floats:
    def total(what: NDArray[Any]) -> Floats:
        return np.add.reduceat(what, borders, axis=0, dtype=np.float64)

    values = rows.astype(np.float64)
    part = np.repeat(np.arange(len(borders)), np.diff(borders, append=len(rows)))
    wanted = np.ones(values.shape, np.bool_) if keep is None else keep
    good = np.isfinite(values) & wanted
    out = np.empty((len(borders), FIELDS, values.shape[1]))
    out[:, COUNT] = total(good)
    out[:, NAN] = total(np.isnan(values) & wanted)
    out[:, POSITIVE] = total((values == np.inf) & wanted)
    out[:, NEGATIVE] = total((values == -np.inf) & wanted)
    out[:, ZEROS] = total((values == 0) & wanted)
    out[:, LOWEST] = np.minimum.reduceat(np.where(good, values, np.inf), borders, axis=0)
    out[:, HIGHEST] = np.maximum.reduceat(np.where(good, values, -np.inf), borders, axis=0)
    count = np.maximum(out[:, COUNT], 1.0)
    mean = total(np.where(good, values, 0.0) / _SCALE) / count * _SCALE
    d = np.where(good, values - mean[part], 0.0)
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


def _merged_by_numpy(left: Floats, right: Floats) -> Floats:
    """The twin of ``kernels.merged``, operation by operation: their answers are the same to the last bit."""
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

"""The moments of whole tiles, by machine code or by numpy, and of two sets of tiles together."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from traindx.arrays import compiled, has_numba
from traindx.dataset.statistics import kernels
from traindx.dataset.statistics.by_numpy import Keep, merged_by_numpy, states_by_numpy
from traindx.dataset.statistics.fields import FIELDS, Floats, fold
from traindx.dataset.statistics.scratch import Scratch

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
    main = rows - rows % (4 * side)
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
    return merged_by_numpy(left, right)


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
    if keep is None and tiles.shape[1] % 4 == 0:
        odd = np.zeros(len(tiles), np.uint8)
        compiled(kernels.finite_tiles)(tiles, out, odd)
        which = np.flatnonzero(odd)
    if len(which):
        compiled(kernels.any_tiles)(tiles, _NO_MASK if keep is None else keep, which, out)
    return out

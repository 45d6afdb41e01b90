"""How much of an array is zeros at the end of rows, as padding is."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from traindx.arrays import ArraySource

_BLOCK_BYTES: Final = 8 << 20
_BLOCKS: Final = 8  # spread over the array: padding is everywhere or it does not matter
_LEAST: Final = 0.05
_TRAILING: Final = 0.9  # of the zeros stand at the end: zeros that are data stand anywhere
_LENGTH: Final = 4  # shorter rows end in zeros by luck


def padded_share(source: ArraySource) -> float:
    """Return the share of entries that are padding: zeros with nothing but zeros after them along one axis. 0 where zeros stand anywhere.

    Eight blocks of at most 8 MiB are looked at. An array is padded where nine in ten of its zeros stand so.
    """
    if len(source.shape) < 2 or max(source.shape[1:]) < _LENGTH or source.dtype.kind not in "fiu" or not len(source):
        return 0.0
    rows = max(1, _BLOCK_BYTES // max(source.row_bytes, 1))
    starts = sorted({int(start) for start in np.linspace(0, max(len(source) - rows, 0), _BLOCKS)})
    zeros = trailing = entries = 0
    for start in starts:
        block = source.read(start, min(start + rows, len(source)))
        zeros += int(block.size - np.count_nonzero(block))
        trailing += int(_trailing(block).sum())
        entries += block.size
    if not entries or trailing < _LEAST * entries or trailing < _TRAILING * zeros or trailing == entries:
        return 0.0
    return trailing / entries


def _trailing(block: NDArray[Any]) -> NDArray[np.bool_]:
    """Return which entries are zero with nothing but zeros after them along some axis of at least four."""
    filled = block != 0
    found = np.zeros(block.shape, np.bool_)
    for axis in range(1, block.ndim):
        if block.shape[axis] >= _LENGTH:
            found |= ~np.flip(np.logical_or.accumulate(np.flip(filled, axis), axis=axis), axis)
    return found

"""The inner loops of histograms and of exact counts, for numba."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

_PANEL: Final = 64  # lanes at a time: the bins that their values fall in stay in the cache


def count_bins(rows: Any, centre: Any, shift: Any, table: Any) -> None:
    """Count the upper bits of each value's distance to the centre; the lanes of ``rows`` (rows, lanes) each have their row in ``table``."""
    count, lanes = rows.shape
    keys = np.empty(_PANEL, np.uint32)
    one = np.uint32(1)
    zero = rows.dtype.type(0)  # added, it turns -0.0 into 0.0
    for p in range(0, lanes, _PANEL):
        width = min(_PANEL, lanes - p)
        middle, cells = centre[p : p + width], table[p : p + width]
        for i in range(count):
            row = rows[i, p : p + width]
            for j in range(width):
                keys[j] = np.float32((row[j] - middle[j]) + zero).view(np.uint32) >> shift
            for j in range(width):
                cells[j, keys[j]] += one


def count_kept_bins(rows: Any, keep: Any, centre: Any, shift: Any, table: Any) -> None:
    """Do the same for the values where ``keep`` is true."""
    count, lanes = rows.shape
    zero = rows.dtype.type(0)
    for p in range(0, lanes, _PANEL):
        for i in range(count):
            for j in range(p, min(p + _PANEL, lanes)):
                if keep[i, j]:
                    table[j, np.float32((rows[i, j] - centre[j]) + zero).view(np.uint32) >> shift] += np.uint32(1)


def count_whole(rows: Any, keep: Any, masked: bool, base: Any, size: Any, first: Any, whole: Any, rest: Any) -> None:
    """Count whole numbers inside each lane's window, in ``whole`` from ``first`` on; ``rest`` becomes true for all other values."""
    count, lanes = rows.shape
    for i in range(count):
        for j in range(lanes):
            wanted = keep[i, j] if masked else True
            d = np.float64(rows[i, j]) - base[j]
            if wanted and d >= 0 and d < size[j] and d == np.floor(d):
                whole[first[j] + np.int64(d)] += 1
                wanted = False
            rest[i, j] = wanted


def count_atoms(rows: Any, keep: Any, masked: bool, atoms: Any, counts: Any) -> None:
    """Count, in 32 bits, how often each lane's atoms (number, lanes) occur."""
    count, lanes = rows.shape
    fours = 0 if masked else count - count % 4
    for a in range(atoms.shape[0]):
        atom = atoms[a]
        found = counts[a]
        for i in range(0, fours, 4):
            row, row1, row2, row3 = rows[i], rows[i + 1], rows[i + 2], rows[i + 3]
            for j in range(lanes):
                v = atom[j]
                found[j] += (
                    np.int32(row[j] == v) + np.int32(row1[j] == v) + np.int32(row2[j] == v) + np.int32(row3[j] == v)
                )
        for i in range(fours, count):
            row = rows[i]
            for j in range(lanes):
                found[j] += np.int32(row[j] == atom[j] and (keep[i, j] if masked else True))

"""Counting in one tile of scores in machine code: both directions in one look at each score, while it is in the cache."""

from __future__ import annotations

from typing import Any

import numpy as np


def sweep(  # noqa: C901, PLR0912 - one loop that the compiler sees whole
    tile: Any,
    row_upper: Any,
    row_lower: Any,
    column_upper: Any,
    column_lower: Any,
    row_above: Any,
    column_above: Any,
    row_open: Any,
    column_open: Any,
) -> Any:
    """Count scores above ``upper`` and list those from ``lower`` to ``upper``, for each row and each column of a tile.

    The limits are (layers, rows) and (layers, columns), the counts of the same shapes (the columns' are int32, which vector units add eight or
    sixteen at a time). ``row_open`` and ``column_open`` are (room, 3) for layer, row and column; returns how many there
    are of both, which may be more than there was room for.
    """
    rows, columns = tile.shape
    chunk = 64
    row_found, column_found = 0, 0
    for i in range(rows):
        for start in range(0, columns, chunk):
            stop = min(start + chunk, columns)
            part = tile[i, start:stop]
            for layer in range(row_upper.shape[0]):
                upper, lower = row_upper[layer, i], row_lower[layer, i]
                above, at_least = np.int32(0), np.int32(0)
                for j in range(stop - start):
                    above += np.int32(part[j] > upper)
                    at_least += np.int32(part[j] >= lower)
                row_above[layer, i] += above
                if at_least != above:
                    for j in range(stop - start):
                        if lower <= part[j] <= upper:
                            if row_found < row_open.shape[0]:
                                row_open[row_found, 0] = layer
                                row_open[row_found, 1] = i
                                row_open[row_found, 2] = start + j
                            row_found += 1
            for layer in range(column_upper.shape[0]):
                uppers, lowers = column_upper[layer, start:stop], column_lower[layer, start:stop]
                counts = column_above[layer, start:stop]
                near = np.int32(0)
                for j in range(stop - start):
                    above = np.int32(part[j] > uppers[j])
                    counts[j] += above
                    near += np.int32(part[j] >= lowers[j]) - above
                if near:
                    for j in range(stop - start):
                        if lowers[j] <= part[j] <= uppers[j]:
                            if column_found < column_open.shape[0]:
                                column_open[column_found, 0] = layer
                                column_open[column_found, 1] = i
                                column_open[column_found, 2] = start + j
                            column_found += 1
    return row_found, column_found

"""The inner loops of moments, written for numba: plain loops over plain arrays, each complete in itself.

A tile has shape (rows, lanes). The mean is found first, in float64; powers of the distance to it are added up in a second pass
over the tile, which is still in the cache, and corrected for what was rounded off the mean (Chan, Golub and LeVeque 1983; Pebay
2008). The layout of ``out`` is that of ``fields``.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

_PANEL: Final = 512  # features taken at a time: their sums stay in the first-level cache


def finite_tiles(tiles: Any, out: Any, odd: Any) -> None:  # noqa: C901, PLR0912, PLR0915 -- one loop nest, as numba wants it
    """Fill ``out`` (tiles, fields, lanes) from ``tiles`` (tiles, rows, lanes), all of it finite; mark the tiles that are not in ``odd``."""
    count, rows, lanes = tiles.shape
    mean, a1, a2, a3, a4 = np.empty(_PANEL), np.empty(_PANEL), np.empty(_PANEL), np.empty(_PANEL), np.empty(_PANEL)
    low, high = np.empty(_PANEL, tiles.dtype), np.empty(_PANEL, tiles.dtype)
    zeros = np.empty(_PANEL, np.int32)
    fours = rows - rows % 4
    for t in range(count):
        for p in range(0, lanes, _PANEL):
            width = min(_PANEL, lanes - p)
            row = tiles[t, 0, p : p + width]
            for j in range(width):
                mean[j] = a1[j] = a2[j] = a3[j] = a4[j] = 0.0
                low[j] = high[j] = row[j]
                zeros[j] = 0
            for i in range(0, fours, 4):
                row, row1 = tiles[t, i, p : p + width], tiles[t, i + 1, p : p + width]
                row2, row3 = tiles[t, i + 2, p : p + width], tiles[t, i + 3, p : p + width]
                for j in range(width):
                    a, b, c, d = row[j], row1[j], row2[j], row3[j]
                    mean[j] += (np.float64(a) + np.float64(b)) + (np.float64(c) + np.float64(d))
                    e = a if a < b else b  # noqa: FURB136 -- a comparison becomes one instruction, min() asks for NaN too
                    f = c if c < d else d  # noqa: FURB136
                    e = e if e < f else f  # noqa: FURB136
                    low[j] = min(low[j], e)
                    e = a if a > b else b  # noqa: FURB136
                    f = c if c > d else d  # noqa: FURB136
                    e = e if e > f else f  # noqa: FURB136
                    high[j] = max(high[j], e)
                    zeros[j] += np.int32(a == 0) + np.int32(b == 0) + np.int32(c == 0) + np.int32(d == 0)
            for i in range(fours, rows):
                row = tiles[t, i, p : p + width]
                for j in range(width):
                    a = row[j]
                    mean[j] += np.float64(a)
                    low[j] = min(low[j], a)
                    high[j] = max(high[j], a)
                    zeros[j] += np.int32(a == 0)
            for j in range(width):
                if not abs(mean[j]) < np.inf:
                    odd[t] = 1
                mean[j] = mean[j] / rows
            for i in range(0, fours, 4):
                row, row1 = tiles[t, i, p : p + width], tiles[t, i + 1, p : p + width]
                row2, row3 = tiles[t, i + 2, p : p + width], tiles[t, i + 3, p : p + width]
                for j in range(width):
                    m = mean[j]
                    a, b = np.float64(row[j]) - m, np.float64(row1[j]) - m
                    c, d = np.float64(row2[j]) - m, np.float64(row3[j]) - m
                    aa, bb, cc, dd = a * a, b * b, c * c, d * d
                    a1[j] += (a + b) + (c + d)
                    a2[j] += (aa + bb) + (cc + dd)
                    a3[j] += (aa * a + bb * b) + (cc * c + dd * d)
                    a4[j] += (aa * aa + bb * bb) + (cc * cc + dd * dd)
            for i in range(fours, rows):
                row = tiles[t, i, p : p + width]
                for j in range(width):
                    a = np.float64(row[j]) - mean[j]
                    aa = a * a
                    a1[j] += a
                    a2[j] += aa
                    a3[j] += aa * a
                    a4[j] += aa * aa
            for j in range(width):
                k = p + j
                e = a1[j] / rows
                varies = low[j] < high[j]
                out[t, 0, k] = rows
                out[t, 1, k] = out[t, 2, k] = out[t, 3, k] = 0.0
                out[t, 4, k] = zeros[j]
                m = mean[j] + e
                f = m - mean[j]
                out[t, 5, k] = m if varies else np.float64(low[j])
                out[t, 11, k] = (mean[j] - (m - f)) + (e - f) if varies else 0.0
                out[t, 6, k] = a2[j] - a1[j] * e if varies else 0.0
                out[t, 7, k] = a3[j] - 3.0 * e * a2[j] + 2.0 * (a1[j] * e) * e if varies else 0.0
                out[t, 8, k] = (
                    a4[j] - 4.0 * e * a3[j] + 6.0 * (e * e) * a2[j] - 3.0 * (a1[j] * e) * (e * e) if varies else 0.0
                )
                out[t, 9, k] = low[j]
                out[t, 10, k] = high[j]


def any_tiles(tiles: Any, keep: Any, which: Any, out: Any) -> None:  # noqa: C901, PLR0915 -- as above
    """Fill ``out`` for the tiles of which ``which`` tells the number, from the finite values where ``keep`` is true.

    ``keep`` has the shape of ``tiles``, or no tiles at all for no mask. The sum is scaled, so that it cannot overflow.
    """
    _, rows, lanes = tiles.shape
    masked = keep.shape[0] > 0
    sums = np.empty((5, _PANEL))
    counts = np.empty((5, _PANEL), np.int64)
    low, high = np.empty(_PANEL), np.empty(_PANEL)
    for t in which:
        for p in range(0, lanes, _PANEL):
            width = min(_PANEL, lanes - p)
            sums[:] = 0.0
            counts[:] = 0
            low[:] = np.inf
            high[:] = -np.inf
            for i in range(rows):
                row = tiles[t, i, p : p + width]
                kept = keep[t, i, p : p + width] if masked else row != row
                for j in range(width):
                    v = np.float64(row[j])
                    wanted = kept[j] if masked else True
                    good = wanted and abs(v) < np.inf
                    sums[0, j] += v * 2.0**-20 if good else 0.0
                    counts[0, j] += np.int64(good)
                    counts[1, j] += np.int64(wanted and v != v)
                    counts[2, j] += np.int64(wanted and v == np.inf)
                    counts[3, j] += np.int64(wanted and v == -np.inf)
                    counts[4, j] += np.int64(wanted and v == 0)
                    low[j] = v if good and v < low[j] else low[j]
                    high[j] = v if good and v > high[j] else high[j]
            for j in range(width):
                sums[0, j] = sums[0, j] / max(counts[0, j], 1) * 2.0**20
            for i in range(rows):
                row = tiles[t, i, p : p + width]
                kept = keep[t, i, p : p + width] if masked else row != row
                for j in range(width):
                    v = np.float64(row[j])
                    good = (kept[j] if masked else True) and abs(v) < np.inf
                    d = v - sums[0, j] if good else 0.0
                    dd = d * d
                    sums[1, j] += d
                    sums[2, j] += dd
                    sums[3, j] += dd * d
                    sums[4, j] += dd * dd
            for j in range(width):
                k = p + j
                n = max(counts[0, j], 1)
                a1, a2, a3, a4 = sums[1, j], sums[2, j], sums[3, j], sums[4, j]
                e = a1 / n
                if not abs(e) < np.inf:
                    e = a1 = 0.0
                varies = low[j] < high[j]
                for f in range(5):
                    out[t, f, k] = counts[f, j]
                m = sums[0, j] + e
                g = m - sums[0, j]
                out[t, 5, k] = m if varies else (low[j] if counts[0, j] else 0.0)
                out[t, 11, k] = (sums[0, j] - (m - g)) + (e - g) if varies else 0.0
                out[t, 6, k] = a2 - a1 * e if varies else 0.0
                out[t, 7, k] = a3 - 3.0 * e * a2 + 2.0 * (a1 * e) * e if varies else 0.0
                out[t, 8, k] = a4 - 4.0 * e * a3 + 6.0 * (e * e) * a2 - 3.0 * (a1 * e) * (e * e) if varies else 0.0
                out[t, 9, k] = low[j]
                out[t, 10, k] = high[j]


def merged(left: Any, right: Any, out: Any) -> None:
    """Fill ``out`` with the states of ``left`` and ``right`` together, all of shape (nodes, fields, lanes)."""
    nodes, _, lanes = left.shape
    for t in range(nodes):
        for f in range(5):
            for j in range(lanes):
                out[t, f, j] = left[t, f, j] + right[t, f, j]
        for j in range(lanes):
            na, nb = left[t, 0, j], right[t, 0, j]
            n = max(na + nb, 1.0)
            ma, mb = left[t, 5, j], right[t, 5, j]
            fa, fb = na / n, nb / n
            ra, rb = left[t, 11, j], right[t, 11, j]
            d = (mb - ma) + (rb - ra)
            if na == 0 or nb == 0:
                d = 0.0
            s = d * fb
            mean = ma + s
            e = mean - ma
            rest = ((ma - (mean - e)) + (s - e)) + ra
            total = mean + rest
            rest = rest - (total - mean)
            mean = total
            if not abs(d) < np.inf:
                mean, rest = ma * fa + mb * fb, 0.0
            if na == 0:
                mean, rest = mb, rb
            dd = d * d
            g = n * fa * fb
            a2, b2, a3, b3 = left[t, 6, j], right[t, 6, j], left[t, 7, j], right[t, 7, j]
            out[t, 5, j] = mean
            out[t, 11, j] = rest
            out[t, 6, j] = a2 + b2 + dd * g
            out[t, 7, j] = a3 + b3 + d * (dd * g * (fa - fb) + 3.0 * (fa * b2 - fb * a2))
            out[t, 8, j] = (
                left[t, 8, j]
                + right[t, 8, j]
                + dd * (dd * g * (fa * fa - fa * fb + fb * fb) + 6.0 * (fa * fa * b2 + fb * fb * a2))
                + 4.0 * d * (fa * b3 - fb * a3)
            )
        for j in range(lanes):
            out[t, 9, j] = min(left[t, 9, j], right[t, 9, j])
            out[t, 10, j] = max(left[t, 10, j], right[t, 10, j])

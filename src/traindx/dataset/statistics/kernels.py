"""The inner loops of moments, written for numba: plain loops over plain arrays, each complete in itself.

A tile has shape (rows, lanes). The mean is found first, in float64; powers of the distance to it are added up in a second pass
over the tile, which is still in the cache, and corrected for what was rounded off the mean (Chan, Golub and LeVeque 1983; Pebay
2008). The layout of ``out`` is that of ``fields``.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

_PANEL: Final = 512  # features taken at a time: their sums stay in the first-level cache


def finite_tiles(tiles: Any, out: Any, odd: Any) -> None:  # noqa: C901 -- one loop nest, as numba wants it
    """Fill ``out`` (tiles, fields, lanes) from ``tiles`` (tiles, rows, lanes), all finite, in fours of rows; mark the tiles that are not in ``odd``."""
    count, rows, lanes = tiles.shape
    mean, a1, a2, a3, a4 = np.empty(_PANEL), np.empty(_PANEL), np.empty(_PANEL), np.empty(_PANEL), np.empty(_PANEL)
    low, high = np.empty(_PANEL, tiles.dtype), np.empty(_PANEL, tiles.dtype)
    zeros = np.empty(_PANEL, np.int32)
    for t in range(count):
        for p in range(0, lanes, _PANEL):
            width = min(_PANEL, lanes - p)
            row = tiles[t, 0, p : p + width]
            for j in range(width):
                mean[j] = a1[j] = a2[j] = a3[j] = a4[j] = 0.0
                low[j] = high[j] = row[j]
                zeros[j] = 0
            for i in range(0, rows, 4):
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
            for j in range(width):
                if not abs(mean[j]) < np.inf:
                    odd[t] = 1
                mean[j] = mean[j] / rows
            for i in range(0, rows, 4):
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
            for j in range(width):
                k, e, varies = p + j, a1[j] / rows, low[j] < high[j]
                out[t, 0, k] = rows
                out[t, 1, k] = out[t, 2, k] = out[t, 3, k] = 0.0
                out[t, 4, k] = zeros[j]
                m = mean[j] + e
                f = m - mean[j]
                out[t, 5, k] = m if varies else np.float64(low[j])
                out[t, 11, k] = (mean[j] - (m - f)) + (e - f) if varies else 0.0
                out[t, 6, k] = a2[j] - a1[j] * e if varies else 0.0
                out[t, 7, k] = a3[j] - 3.0 * e * a2[j] + 2.0 * (a1[j] * e) * e if varies else 0.0
                f = a4[j] - 4.0 * e * a3[j] + 6.0 * (e * e) * a2[j]
                out[t, 8, k] = f - 3.0 * (a1[j] * e) * (e * e) if varies else 0.0
                out[t, 9, k] = low[j]
                out[t, 10, k] = high[j]


def any_tiles(tiles: Any, keep: Any, which: Any, out: Any) -> None:
    """Fill ``out`` for the tiles of which ``which`` tells the number, from the finite values where ``keep`` is true.

    ``keep`` has the shape of ``tiles``, or no tiles at all for no mask. The sum is scaled, so that it cannot overflow.
    """
    _, rows, lanes = tiles.shape
    masked = keep.shape[0] > 0
    into = np.empty((12, _PANEL))  # five counts, the mean, four sums, the extremes
    for t in which:
        for p in range(0, lanes, _PANEL):
            width = min(_PANEL, lanes - p)
            into[:10] = 0.0
            into[10], into[11] = np.inf, -np.inf
            for i in range(rows):
                row = tiles[t, i, p : p + width]
                kept = keep[t, i, p : p + width] if masked else row != row
                for j in range(width):
                    v = np.float64(row[j])
                    wanted = kept[j] if masked else True
                    good = wanted and abs(v) < np.inf
                    into[0, j] += np.float64(good)
                    into[1, j] += np.float64(wanted and v != v)
                    into[2, j] += np.float64(wanted and v == np.inf)
                    into[3, j] += np.float64(wanted and v == -np.inf)
                    into[4, j] += np.float64(wanted and v == 0)
                    into[5, j] += v * 2.0**-20 if good else 0.0
                    into[10, j] = v if good and v < into[10, j] else into[10, j]
                    into[11, j] = v if good and v > into[11, j] else into[11, j]
            for j in range(width):
                into[5, j] = into[5, j] / max(into[0, j], 1.0) * 2.0**20
            for i in range(rows):
                row = tiles[t, i, p : p + width]
                kept = keep[t, i, p : p + width] if masked else row != row
                for j in range(width):
                    v = np.float64(row[j])
                    d = v - into[5, j] if (kept[j] if masked else True) and abs(v) < np.inf else 0.0
                    into[6, j] += d
                    into[7, j] += d * d
                    into[8, j] += d * d * d
                    into[9, j] += (d * d) * (d * d)
            for j in range(width):
                k, mean, low = p + j, into[5, j], into[10, j]
                a1, a2, a3, a4 = into[6, j], into[7, j], into[8, j], into[9, j]
                e = a1 / max(into[0, j], 1.0)
                if not abs(e) < np.inf:
                    e = a1 = 0.0
                varies = low < into[11, j]
                m = mean + e
                g = m - mean
                out[t, :5, k] = into[:5, j]
                out[t, 5, k] = m if varies else (low if into[0, j] else 0.0)
                out[t, 6, k] = a2 - a1 * e if varies else 0.0
                out[t, 7, k] = a3 - 3.0 * e * a2 + 2.0 * (a1 * e) * e if varies else 0.0
                out[t, 8, k] = a4 - 4.0 * e * a3 + 6.0 * (e * e) * a2 - 3.0 * (a1 * e) * (e * e) if varies else 0.0
                out[t, 9:11, k] = into[10:12, j]
                out[t, 11, k] = (mean - (m - g)) + (e - g) if varies else 0.0


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

"""Curves as dots of braille signs, two across and four down in each character cell.

Each column of dots shows the least and the greatest of the values that fall into it, so that no spike is lost between
columns. Where the log has NaN, the curve is broken.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Dots = NDArray[np.bool_]

ACROSS: Final = 2
DOWN: Final = 4
_FIRST_SIGN: Final = 0x2800
# The bit of each dot in a sign of braille, by row and column of the cell. Source: Unicode, block "Braille Patterns".
_BITS: Final = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Raster:
    """A field of dots: ``width`` and ``height`` in character cells, and the values at its edges."""

    width: int
    height: int
    left: float
    right: float
    low: float
    high: float
    log: bool = False

    def columns(self, x: Floats) -> NDArray[np.int64]:
        """Return the column of dots of each place."""
        return _scaled(x, self.left, self.right, self.width * ACROSS)

    def rows(self, y: Floats) -> NDArray[np.int64]:
        """Return the row of dots of each value, counted from the top."""
        if self.log:
            return (
                self.height * DOWN
                - 1
                - _scaled(np.log(y), float(np.log(self.low)), float(np.log(self.high)), self.height * DOWN)
            )
        return self.height * DOWN - 1 - _scaled(y, self.low, self.high, self.height * DOWN)

    def curve(self, x: Floats, y: Floats) -> Dots:
        """Return the dots of a curve through finite values; a value that is not finite, or has no logarithm, breaks it."""
        dots = np.zeros((self.height * DOWN, self.width * ACROSS), dtype=np.bool_)
        good = np.isfinite(x) & np.isfinite(y) & ((y > 0) | (not self.log))
        edges = np.flatnonzero(np.diff(np.concatenate([[False], good, [False]]).astype(np.int8)))
        for first, last in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            _stroke(dots, self.columns(x[first:last]), self.rows(y[first:last]))
        return dots

    def level(self, value: float) -> Dots:
        """Return a dashed line at a value; no dots where it lies outside."""
        dots = np.zeros((self.height * DOWN, self.width * ACROSS), dtype=np.bool_)
        if self.low <= value <= self.high and (value > 0 or not self.log):
            row = int(self.rows(np.array([value]))[0])
            dots[row, np.arange(self.width * ACROSS) % (2 * ACROSS) < ACROSS] = True
        return dots


def _scaled(values: Floats, first: float, last: float, size: int) -> NDArray[np.int64]:
    with np.errstate(all="ignore"):
        share = (values / 2 - first / 2) / (last / 2 - first / 2)  # halves, whose differences are always numbers
    share = np.nan_to_num(share, nan=0.5)
    return np.clip(np.rint(share * (size - 1)), 0, size - 1).astype(np.int64)


def _stroke(dots: Dots, columns: NDArray[np.int64], rows: NDArray[np.int64]) -> None:
    """Draw one unbroken stretch: in each column from the least to the greatest row, and across to the next one."""
    size = dots.shape[1]
    top, bottom = np.full(size, dots.shape[0]), np.full(size, -1)
    np.minimum.at(top, columns, rows)
    np.maximum.at(bottom, columns, rows)
    known = np.flatnonzero(bottom >= 0)
    middle = (top[known] + bottom[known]) / 2
    every = np.arange(int(known[0]), int(known[-1]) + 1)
    between = np.rint(np.interp(every, known, middle)).astype(np.int64)
    top[every], bottom[every] = np.minimum(top[every], between), np.maximum(bottom[every], between)
    for before, at in zip(
        every[:-1].tolist(), every[1:].tolist(), strict=True
    ):  # at most as many as the screen is wide
        if top[at] > bottom[before] + 1:
            top[at] = bottom[before] + 1
        elif bottom[at] < top[before] - 1:
            bottom[at] = top[before] - 1
    lines = np.arange(len(dots)).reshape(-1, 1)
    dots |= (lines >= top) & (lines <= bottom)


def cells(dots: Dots) -> NDArray[np.int64]:
    """Return the pattern of each character cell: the bits of its eight dots."""
    height, width = dots.shape[0] // DOWN, dots.shape[1] // ACROSS
    parted = dots.reshape(height, DOWN, width, ACROSS)
    patterns: NDArray[np.int64] = np.einsum("hdwa,da->hw", parted.astype(np.int64), _BITS)
    return patterns


def sign(pattern: int, *, unicode: bool = True, ascii_sign: str = "*") -> str:
    """Return the sign of a pattern; a blank where there is no dot, and a plain sign where braille cannot be written."""
    if not pattern:
        return " "
    return chr(_FIRST_SIGN + pattern) if unicode else ascii_sign

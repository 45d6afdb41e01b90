"""A series as a chart in a terminal: raw values, their smoothed course, baselines, and axes with their ends named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, final

import numpy as np
from numpy.typing import NDArray

from traindx.render.braille import Dots, Raster, cells, sign
from traindx.render.look import Look
from traindx.render.numbers import number
from traindx.render.page import Piece
from traindx.render.untrusted import shorten

Floats = NDArray[np.float64]

_MARGIN: Final = 9  # cells at least for the numbers beside the chart, so that it does not jump as they change
_NARROWEST: Final = 4
_FLAT: Final = 0.05  # of a level, shown around a curve that never leaves it
_KERNEL_LEFT: Final = 0.01  # of the weight of a smoothed mean is left out with its oldest values
_NEAR: Final = (
    1.0  # a baseline up to a chart's height away is made room for; one further off would press the curve flat
)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """What to draw: points in order, and how. ``levels`` are baselines, each with its name; ``smoothing`` is a weight below 1."""

    x: Floats
    y: Floats
    levels: Sequence[tuple[str, float]] = ()
    smoothing: float = 0.0
    log: bool = False


def chart_rows(drawing: Drawing, *, width: int, height: int, look: Look) -> list[list[Piece]]:
    """Return the rows of a chart ``width`` by ``height`` cells, the lowest of which is the axis; empty where nothing is finite."""
    with np.errstate(all="ignore"):  # infinities, and numbers near the largest there is, are data here
        return _rows(drawing, width, height, look)


def _rows(drawing: Drawing, width: int, height: int, look: Look) -> list[list[Piece]]:
    finite = np.isfinite(drawing.y) & np.isfinite(drawing.x)
    log = drawing.log and bool((drawing.y[finite] > 0).any())
    finite &= (drawing.y > 0) | (not log)
    if not finite.any():
        return []
    low, high = _range(drawing, drawing.y[finite], log=log)
    margin = max(_MARGIN, len(number(low)) + 2, len(number(high)) + 2)
    if width < margin + _NARROWEST or height < 2:
        return []
    x = drawing.x[finite]
    raster = Raster(
        width=width - margin,
        height=height - 1,
        left=float(x.min()),
        right=float(x.max()),
        low=low,
        high=high,
        log=log,
    )
    curve = cells(raster.curve(drawing.x, drawing.y))
    if drawing.smoothing:
        smooth = cells(raster.curve(drawing.x, smoothed(drawing.y, drawing.smoothing)))
    else:
        curve, smooth = np.zeros_like(curve), curve
    dashes = cells(_levels(raster, drawing.levels))
    rows = [
        [(f"{_edge(at, raster):>{margin - 1}} ", "quiet"), *_row(smooth[at], curve[at], dashes[at], look)]
        for at in range(raster.height)
    ]
    return [*rows, _axis(raster, margin)]


def smoothed(values: Floats, weight: float) -> Floats:
    """Return the exponential mean of the values so far, unbiased at the start; values that are not finite weigh nothing and stay."""
    length = min(int(np.ceil(np.log(_KERNEL_LEFT) / np.log(weight))), max(len(values), 1))
    kernel = weight ** np.arange(length)
    good = np.isfinite(values)
    sums = np.convolve(np.where(good, values, 0.0), kernel)[: len(values)]
    weights = np.convolve(good.astype(np.float64), kernel)[: len(values)]
    return np.where(good, sums / np.maximum(weights, np.finfo(np.float64).tiny), np.nan)


def _range(drawing: Drawing, shown: Floats, *, log: bool) -> tuple[float, float]:
    low, high = float(shown.min()), float(shown.max())
    if not high > low:
        room = _FLAT * abs(low) or 1.0
        return (low / (1 + _FLAT), high * (1 + _FLAT)) if log else (low - room, high + room)
    room = _NEAR * (high - low)
    near = [value for _, value in drawing.levels if low - room <= value <= high + room and (value > 0 or not log)]
    return min([low, *near]), max([high, *near])


def _levels(raster: Raster, levels: Sequence[tuple[str, float]]) -> Dots:
    dots = raster.level(float("nan"))
    for _, value in levels:
        dots |= raster.level(value)
    return dots


def _row(smooth: NDArray[np.int64], raw: NDArray[np.int64], dashes: NDArray[np.int64], look: Look) -> list[Piece]:
    """Return one row of signs, neighbours of one style together."""
    pieces: list[Piece] = []
    for front, behind, dash in zip(smooth.tolist(), raw.tolist(), dashes.tolist(), strict=True):
        style = "now" if front else "quiet" if behind else "best"
        plain = "*" if front else "." if behind else "-"
        drawn = sign(front | behind | dash, unicode=look.unicode, ascii_sign=plain)
        if pieces and (pieces[-1][1] == style or drawn == " "):
            pieces[-1] = (pieces[-1][0] + drawn, pieces[-1][1])
        else:
            pieces.append((drawn, style))
    return pieces


def _edge(at: int, raster: Raster) -> str:
    if at == 0:
        return number(raster.high)
    return number(raster.low) if at == raster.height - 1 else ""


def _axis(raster: Raster, margin: int) -> list[Piece]:
    left, right = number(raster.left), number(raster.right)
    return [(" " * margin + left + right.rjust(max(raster.width - len(left), len(right) + 1)), "quiet")]


def levels_told(levels: Sequence[tuple[str, float]]) -> str:
    """Return the baselines in words: ``chance 5.545, floor 0``."""
    return ", ".join(f"{shorten(name, 24)} {number(value)}" for name, value in levels)

"""The ruler: baselines and the run's own values on one axis, laid out in characters.

The run's values (now, best, first) stand above the axis, what theory gives stands below it. Labels that would
touch move to a further row and keep a leader to their tick.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

from rich.cells import cell_len

from traindx.diagnosis import Mark
from traindx.render.look import Glyphs
from traindx.render.numbers import number
from traindx.render.page import Placed
from traindx.render.untrusted import shorten

WORDS = {"current": "now", "trivial": "trivial", "first": "first", "best": "best"}
_ABOVE = ("current", "best", "first")
_OVER = ("first", "best", "current")  # where signs meet, the later one is seen
_STYLES = {"current": "now", "best": "best"}
_LABEL_CELLS = 34
_ZERO_PART = 8  # columns that part zero, which has no logarithm, from the smallest value above it
_LOG_FROM = 30.0  # beyond this ratio a linear axis would press the small values into one column


Row = list[Placed]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """Maps values to columns.

    On a logarithmic axis ``low`` is the smallest value above zero; values at or below zero share column 0, and the
    logarithmic part starts at column ``start``.
    """

    low: float
    high: float
    width: int
    log: bool
    start: int = 0

    def column(self, value: float) -> int:
        """Return the column of ``value``, counted from the axis' left end."""
        if self.log and value <= 0:
            return 0
        at, low, high = (math.log(v) if self.log else v for v in (value, self.low, self.high))
        share = (at - low) / (high - low) if high > low else 0.5
        return self.start + round(share * (self.width - 1 - self.start))


def axis_of(values: Sequence[float], width: int) -> Axis:
    """Return the axis for finite ``values``: logarithmic where the positive ones span a factor of 30 or more."""
    positive = [v for v in values if v > 0]
    log = len(positive) > 1 and min(values) >= 0 and max(positive) / min(positive) >= _LOG_FROM
    low = min(positive) if log else min(values)
    return Axis(low=low, high=max(values), width=width, log=log, start=_ZERO_PART if log and min(values) <= 0 else 0)


def drawable(marks: Sequence[Mark]) -> tuple[Mark, ...]:
    """Return the marks that have a place on an axis, in order of value; none where they all coincide."""
    good = sorted((m for m in marks if math.isfinite(m.value)), key=lambda m: m.value)
    return tuple(good) if good and good[0].value < good[-1].value else ()


def label(mark: Mark) -> str:
    """Return what is written at a mark: ``now 5.54``, ``chance 5.545 (ln 256)``."""
    word = WORDS.get(mark.name, mark.name)
    told = "" if word in mark.label or mark.name in mark.label else mark.label
    return f"{word} {number(mark.value)}" + (f" ({shorten(told, _LABEL_CELLS)})" if told else "")


def ruler(marks: Sequence[Mark], *, width: int, glyphs: Glyphs) -> list[Row]:
    """Return the rows of a ruler ``width`` columns wide: labels above, the axis, labels below."""
    shown = drawable(marks)
    if not shown:
        return []
    axis = axis_of([m.value for m in shown], width)
    above = _labels([m for m in shown if m.name in _ABOVE], axis, glyphs)
    below = _labels([m for m in shown if m.name not in _ABOVE], axis, glyphs)
    return [*reversed(above), _axis_row(shown, axis, glyphs), *below]


def _axis_row(marks: Sequence[Mark], axis: Axis, glyphs: Glyphs) -> Row:
    line = [Placed(column, glyphs.line, "quiet") for column in range(axis.width)]
    for column in range(1, axis.start - 1):
        line[column] = Placed(column, glyphs.gap, "quiet")
    for mark in sorted(marks, key=lambda m: _OVER.index(m.name) if m.name in _OVER else -1):
        column = axis.column(mark.value)
        sign = {"current": glyphs.now, "best": glyphs.best}.get(mark.name, glyphs.tick)
        line[column] = Placed(column, sign, _STYLES.get(mark.name, "plain"))
    for column, end in ((0, glyphs.left), (axis.width - 1, glyphs.right)):
        if line[column].text in (glyphs.line, glyphs.tick):
            line[column] = Placed(column, end, "quiet")
    return line


def _labels(marks: Sequence[Mark], axis: Axis, glyphs: Glyphs) -> list[Row]:
    """Place labels in as few rows as they need, the nearest row to the axis first, with leaders across those rows."""
    rows: list[Row] = []
    for mark in marks:
        words = label(mark)
        if cell_len(words) > axis.width:
            words = shorten(words, axis.width // 2, glyphs.cut)
        column = axis.column(mark.value)
        start = min(max(column - cell_len(words) // 2, 0), max(axis.width - cell_len(words), 0))
        placed = Placed(start, words, _STYLES.get(mark.name, "plain"))
        depth = next((i for i, row in enumerate(rows) if _free(row, placed, gap=2)), len(rows))
        if depth == len(rows):
            rows.append([])
        rows[depth].append(placed)
        for row in rows[:depth]:
            leader = Placed(column, glyphs.leader, "quiet")
            if _free(row, leader, gap=0):
                row.append(leader)
    return [sorted(row, key=lambda p: p.column) for row in rows]


def _free(row: Row, wanted: Placed, gap: int) -> bool:
    return all(wanted.column >= p.end + gap or wanted.end + gap <= p.column for p in row)

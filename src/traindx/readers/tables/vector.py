"""The fast way: a piece of a table that holds numbers and blanks only, parsed in one go."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import final

import numpy as np
from numpy.typing import NDArray

from traindx.run import Floats

_NEWLINE = ord("\n")


@final
@dataclass(frozen=True, slots=True)
class Grid:
    """A full grid of cells, row by row: values, and which of them are there (None: all)."""

    values: Floats
    present: NDArray[np.bool_] | None


def parse_grid(piece: bytes, delimiter: str, width: int, *, blanks: bool) -> Grid | None:
    """Return the cells of whole lines, or None where a line has another number of cells or a cell is no number.

    ``piece`` ends with a line end. ``blanks`` says that blank cells are likely; otherwise they are thought of only when
    numpy's parser stumbles, which it does at the first. They are found by position, taken out, and put back as holes
    after one call of the parser: its cost grows with the numbers, not with the blanks.
    """
    if not blanks:
        grid = _dense(piece, delimiter, width)
        if grid is not None:
            return grid
    return _sparse(piece.replace(b"\r\n", b"\n"), delimiter.encode(), width)


def _dense(piece: bytes, delimiter: str, width: int) -> Grid | None:
    if piece.isspace():
        return None
    try:
        values = np.loadtxt(BytesIO(piece), delimiter=delimiter, comments=None, ndmin=2)
    except ValueError:
        return None
    # A line that the parser left out, being blank, would shift all line numbers.
    return Grid(values, None) if values.shape == (piece.count(b"\n"), width) else None


def _sparse(piece: bytes, mark: bytes, width: int) -> Grid | None:
    characters = np.frombuffer(piece, dtype=np.uint8)
    ends = _cell_ends(piece, characters, mark, width)
    if ends is None:
        return None
    present = np.empty(len(ends), dtype=np.bool_)
    present[0] = ends[0] > 0
    np.greater(ends[1:] - ends[:-1], 1, out=present[1:])
    keep = np.ones(len(piece), dtype=np.bool_)
    keep[ends[~present]] = False
    found = _flat(characters[keep].tobytes(), mark, int(present.sum()))
    if found is None:
        return None
    values = np.full(len(ends), np.nan)
    values[present] = found
    return Grid(values.reshape(-1, width), present.reshape(-1, width))


def is_rectangular(piece: bytes, mark: bytes, width: int) -> bool:
    """Whether each line of a piece has ``width`` cells."""
    return _cell_ends(piece, np.frombuffer(piece, dtype=np.uint8), mark, width) is not None


def _cell_ends(piece: bytes, characters: NDArray[np.uint8], mark: bytes, width: int) -> NDArray[np.intp] | None:
    ends = np.flatnonzero((characters == mark[0]) | (characters == _NEWLINE))
    if len(ends) != piece.count(b"\n") * width:
        return None
    return ends if bool((characters[ends[width - 1 :: width]] == _NEWLINE).all()) else None


def _flat(piece: bytes, mark: bytes, count: int) -> Floats | None:
    """Return the numbers of a piece without blanks, each ended by a delimiter or a line end.

    They are parsed as one long row. (``numpy.fromstring`` would take a cell of white space for -1.)
    """
    if not count:
        return np.zeros(0)
    try:
        row = np.loadtxt(BytesIO(piece[:-1].replace(b"\n", mark)), delimiter=mark.decode(), comments=None, ndmin=1)
    except ValueError:
        return None
    return row if row.shape == (count,) else None

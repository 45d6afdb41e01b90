"""The fast way: a piece of a table that holds numbers and blanks only, parsed in one go."""

from __future__ import annotations

import warnings
from typing import final
from dataclasses import dataclass

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


def parse_grid(piece: bytes, delimiter: str, width: int) -> Grid | None:
    """Return the cells of whole lines, or None where a line has another number of cells or a cell is no number.

    ``piece`` ends with a line end. Blank cells are found by position, taken out, and put back as holes after one call of
    numpy's parser: its cost grows with the numbers, not with the blanks.
    """
    ends = _cell_ends(piece, delimiter, width)
    if ends is None:
        return None
    blank = np.diff(ends, prepend=-1) == 1
    if not bool(blank.any()):
        flat = _parse(piece, delimiter, len(ends))
        return None if flat is None else Grid(flat.reshape(-1, width), None)
    keep = np.ones(len(piece), dtype=np.bool_)
    keep[ends[blank]] = False
    present = ~blank
    found = _parse(np.frombuffer(piece, dtype=np.uint8)[keep].tobytes(), delimiter, int(present.sum()))
    if found is None:
        return None
    values = np.full(len(ends), np.nan)
    values[present] = found
    return Grid(values.reshape(-1, width), present.reshape(-1, width))


def _cell_ends(piece: bytes, delimiter: str, width: int) -> NDArray[np.int64] | None:
    """Return where each cell ends, or None where the lines have not ``width`` cells each."""
    characters = np.frombuffer(piece, dtype=np.uint8)
    ends = np.flatnonzero((characters == ord(delimiter)) | (characters == _NEWLINE))
    if len(ends) % width or not bool((characters[ends[width - 1 :: width]] == _NEWLINE).all()):
        return None
    return ends if piece.count(b"\n") * width == len(ends) else None


def _parse(piece: bytes, delimiter: str, count: int) -> Floats | None:
    if not count:
        return np.zeros(0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # older versions of numpy warn where newer ones raise
        try:
            flat = np.fromstring(piece.replace(b"\n", delimiter.encode()), dtype=np.float64, sep=delimiter)
        except (ValueError, DeprecationWarning):
            return None
    return flat if len(flat) == count else None

"""JSON numbers that lie scattered in a binary file, parsed without a Python string each."""

from __future__ import annotations

import math

import msgspec
import numpy as np

from traindx.readers.byteview import ByteView, Flags, Ints, Words
from traindx.run import Floats

_ROW = 24
_WIDEST = _ROW - 1  # the last byte of a row is the comma
_COMMA = np.uint64(0x2C << 56)
_SPACES = np.uint64(0x2020202020202020)
_KEEP = np.array([(1 << 8 * size) - 1 for size in range(9)], dtype=np.uint64)
_DECODER = msgspec.json.Decoder(list[float])
_NOT_FINITE = {
    "NaN": math.nan,
    "Infinity": math.inf,
    "-Infinity": -math.inf,
}


def not_finite(text: str) -> float | None:
    """Return the value of one of the three texts that stand for numbers that JSON lacks, else None."""
    return _NOT_FINITE.get(text)


def numbers_at(view: ByteView, at: Ints, ends: Ints) -> tuple[Floats, Flags]:
    """Return the number in each text ``[at, end)``, and which texts are numbers.

    NaN and infinities count, bare or in quotes. Numbers of more than 23 characters, and all other values, are left
    to the caller.
    """
    sizes = ends - at
    words = view.words(at)
    values, right = _special(words, sizes)
    first, second = words & np.uint64(0xFF), (words >> np.uint64(8)) & np.uint64(0xFF)
    digits = _is_digit(first) | ((first == ord("-")) & _is_digit(second))
    plain = np.flatnonzero(digits & (sizes > 0) & (sizes <= _WIDEST) & (at + _ROW <= view.size))
    if plain.size:
        values[plain], right[plain] = _plain(view, at[plain], sizes[plain])
    return values, right


def _is_digit(letters: Words) -> Flags:
    return letters - np.uint64(ord("0")) <= 9


def _special(words: Words, sizes: Ints) -> tuple[Floats, Flags]:
    """Find the texts that stand for NaN and infinity; their first 8 bytes and their size tell them apart."""
    values = np.zeros(words.shape)
    found = np.zeros(words.shape, dtype=np.bool_)
    candidates = np.flatnonzero((words & np.uint64(0x40)) != 0) if words.size else np.zeros(0, dtype=np.int64)
    quoted = np.flatnonzero((words & np.uint64(0xFF) == ord('"')) | (words & np.uint64(0xFF) == ord("-")))
    candidates = np.concatenate([candidates, quoted])
    if not candidates.size:
        return values, found
    some, widths = words[candidates], sizes[candidates]
    for name, value in _NOT_FINITE.items():
        for text in (name.encode(), b'"' + name.encode() + b'"'):
            short = min(len(text), 8)
            same = (widths == len(text)) & (some & _KEEP[short] == int.from_bytes(text[:8], "little"))
            values[candidates[same]], found[candidates[same]] = value, True
    return values, found


def _plain(view: ByteView, at: Ints, sizes: Ints) -> tuple[Floats, Flags]:
    """Pad the texts to rows of equal width, and parse these as one JSON array."""
    rows = view.rows(at, _ROW)
    for column in range(_ROW // 8):
        keep = _KEEP[np.clip(sizes - 8 * column, 0, 8)]
        rows[:, column] = (rows[:, column] & keep) | (_SPACES & ~keep)
    rows[:, -1] = (rows[:, -1] & _KEEP[7]) | _COMMA
    text = rows.tobytes()
    try:
        numbers = _DECODER.decode(b"[" + text[:-1] + b"]")
    except msgspec.MsgspecError:
        return _one_by_one(text)
    return np.array(numbers, dtype=np.float64), np.ones(len(at), dtype=np.bool_)


def _one_by_one(text: bytes) -> tuple[Floats, Flags]:
    """Parse rows of which at least one is no number of JSON, or beyond the range of float64."""
    values = np.zeros(len(text) // _ROW)
    right = np.zeros(len(values), dtype=np.bool_)
    for index in range(len(values)):
        row = text[index * _ROW : index * _ROW + _WIDEST]
        try:
            values[index], right[index] = float(row), True
        except ValueError:
            continue
    return values, right

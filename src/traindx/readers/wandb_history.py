"""The numbers in W&B's history records, decoded many items at a time.

A history message holds one item per metric, a name with a value that is JSON text or typed, and its step.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import final

import numpy as np
from numpy.typing import NDArray

from traindx.readers.byteview import ByteView, Flags, Ints, Words
from traindx.readers.json_numbers import numbers_at
from traindx.readers.names import NameTable
from traindx.readers.protobuf import MalformedMessageError, varints
from traindx.readers.wandb_message import history_items, item, name_field, numbers
from traindx.run import Floats

_FEW = 32  # with fewer messages left, one at a time is faster
_BYTE = np.uint64(0xFF)
# Keys of the wire form: field number * 8 + wire type; that of field 16 takes two bytes.
_ITEM, _STEP, _KEY, _NESTED_KEY, _INTEGER, _NUMBER = 0x0A, 0x12, 0x0A, 0x12, 0x28, 0x31
_VALUE_JSON = 0x0182
_DEEPEST = 8  # parts of a nested name
_MEDIA = "/_type"
_NO_NUMBER = np.frombuffer(b"tfn", dtype=np.uint8)  # true, false, null

Rows = NDArray[np.int32]


@final
@dataclass(frozen=True, slots=True)
class Cells:
    """Numbers of a table: row (0-based), number of the name, and value of each."""

    rows: Rows
    names: Rows
    values: Floats


@final
@dataclass(frozen=True, slots=True)
class _Spans:
    starts: Ints
    ends: Ints
    rows: Ints

    def only(self, which: Flags | Ints) -> _Spans:
        return _Spans(self.starts[which], self.ends[which], self.rows[which])


@final
@dataclass(slots=True)
class HistoryDecoder:
    """Decodes the history messages of one buffer.

    ``stepped`` holds rows with their steps, ``malformed`` the rows of which a part could not be read,
    ``media`` the names of histograms and the like, whose parts are numbers but no metrics. A name is numbered by the
    fields that spell it.
    """

    view: ByteView
    names: NameTable
    stepped: list[tuple[Ints, Ints]] = field(default_factory=list[tuple[Ints, Ints]])
    malformed: set[int] = field(default_factory=set[int])
    media: set[str] = field(default_factory=set[str])

    def cells(self, starts: Ints, ends: Ints, rows: Ints) -> list[Cells]:
        """Return the numbers of the history messages ``[start, end)``."""
        left = _Spans(starts, ends, rows)
        parts: list[Cells] = []
        while len(left.starts):
            if len(left.starts) < _FEW:
                return [*parts, *self._items(self._by_hand(left))]
            items, left, odd = self._first_parts(left)
            parts += self._items(items)
            if len(odd.starts):
                parts += self._items(self._by_hand(odd))
        return parts

    def _first_parts(self, spans: _Spans) -> tuple[_Spans, _Spans, _Spans]:
        """Read the first field of each message: returns items, what follows, and messages with other fields."""
        keys, inner, stops, sound = field_at(self.view, spans.starts, spans.ends)
        items, steps = sound & (keys == _ITEM), sound & (keys == _STEP)
        found = _Spans(inner, stops, spans.rows)
        steps &= self._keep_steps(found, steps)
        rest = _Spans(stops, spans.ends, spans.rows)
        known = items | steps
        return found.only(items), rest.only(known & (stops < spans.ends)), spans.only(~known)

    def _keep_steps(self, found: _Spans, which: Flags) -> Flags:
        """Keep the steps of those messages that hold a plain one; return which do."""
        words = self.view.words(np.minimum(found.starts, self.view.size))
        values, sizes, ended = varints(words >> np.uint64(8))
        empty = found.starts == found.ends
        plain = (words & _BYTE == 0x08) & ended & (sizes <= 7) & (found.starts + 1 + sizes == found.ends)
        right: Flags = which & (empty | plain)
        if bool(right.any()):
            self.stepped.append((found.rows[right], np.where(empty, 0, values)[right]))
        return right

    def _by_hand(self, spans: _Spans) -> _Spans:
        rows: list[tuple[int, int, int]] = []
        for start, end, row in zip(spans.starts.tolist(), spans.ends.tolist(), spans.rows.tolist(), strict=True):
            try:
                items, step = history_items(self.view.data, start, end)
            except MalformedMessageError:
                self.malformed.add(row)
                continue
            if step is not None:
                self.stepped.append((np.array([row]), np.array([step])))
            rows += [(low, high, row) for low, high in items]
        table = np.array(rows, dtype=np.int64).reshape(-1, 3)
        return _Spans(table[:, 0], table[:, 1], table[:, 2])

    def _items(self, spans: _Spans) -> list[Cells]:
        """Decode items: a name, then JSON text or a typed number."""
        view = self.view
        words, rests, sound = self._after_name(spans)
        texts, stops = _json_texts(words, rests)
        json = sound & (words & np.uint64(0xFFFF) == _VALUE_JSON) & (stops == spans.ends)
        values, right = numbers_at(view, np.where(json, texts, 0), np.where(json, stops, 0))
        right &= json
        silent = json & ~right & np.isin(view.bytes[np.where(json, texts, 0)], _NO_NUMBER)
        if not bool((right | silent).all()):
            _typed_numbers(view, words, rests, spans.ends, sound, values, right)
        left = np.flatnonzero(~(right | silent))
        names = self.names.numbers(spans.starts[right], (rests - spans.starts)[right])
        cells = Cells(spans.rows[right].astype(np.int32), names.astype(np.int32), values[right])
        return [cells, self._odd_items(spans.only(left))] if left.size else [cells]

    def _after_name(self, spans: _Spans) -> tuple[Words, Ints, Flags]:
        """Pass over the fields that make up the name: returns what follows, where, and where that worked."""
        keys, _, rests, sound = field_at(self.view, spans.starts, spans.ends)
        sound &= (keys == _KEY) | (keys == _NESTED_KEY)
        words = self.view.words(np.where(sound, rests, 0))
        for _ in range(_DEEPEST):
            nested = np.flatnonzero(sound & (words & _BYTE == _NESTED_KEY))
            if not nested.size:
                break
            _, _, stops, whole = field_at(self.view, rests[nested], spans.ends[nested])
            rests[nested], sound[nested] = np.where(whole, stops, 0), whole
            words[nested] = self.view.words(rests[nested])
        return words, rests, sound

    def _odd_items(self, spans: _Spans) -> Cells:
        found: list[tuple[int, int, float]] = []
        for start, end, row in zip(spans.starts.tolist(), spans.ends.tolist(), spans.rows.tolist(), strict=True):
            try:
                name, value = item(self.view.data, start, end)
            except ValueError:
                self.malformed.add(row)
                continue
            if name.endswith(_MEDIA):
                self.media.add(name.removesuffix(_MEDIA))
            found += [(row, self.names.number(name_field(key)), number) for key, number in numbers(name, value)]
        rows, names, values = zip(*found, strict=True) if found else ((), (), ())
        return Cells(
            np.array(rows, dtype=np.int32), np.array(names, dtype=np.int32), np.array(values, dtype=np.float64)
        )


def field_at(view: ByteView, at: Ints, ends: Ints) -> tuple[Ints, Ints, Ints, Flags]:
    """Read key and length of the field at each offset: key, where its content lies, and whether it is whole."""
    words = view.words(np.minimum(at, view.size))
    lengths, sizes, ended = varints(words >> np.uint64(8))
    starts = at + 1 + sizes
    stops = starts + lengths
    return (words & _BYTE).view(np.int64), starts, stops, ended & (sizes <= 5) & (stops <= ends) & (at < ends)


def _json_texts(words: Words, at: Ints) -> tuple[Ints, Ints]:
    """Return where the JSON text of an item lies, if one starts at each offset."""
    lengths, sizes, ended = varints(words >> np.uint64(16))
    starts = at + 2 + sizes
    return starts, np.where(ended & (sizes <= 5), starts + lengths, -1)


def _typed_numbers(
    view: ByteView, words: Words, at: Ints, ends: Ints, sound: Flags, values: Floats, right: Flags
) -> None:
    """Fill in the numbers of items that hold a float64 or an integer (sent as zigzag) instead of JSON."""
    keys = words & _BYTE
    numbers_here = sound & (keys == _NUMBER) & (at + 9 == ends)
    values[numbers_here] = view.float64(at[numbers_here] + 1)
    counts, sizes, ended = varints(words >> np.uint64(8))
    integers = sound & (keys == _INTEGER) & ended & (sizes <= 7) & (at + 1 + sizes == ends)
    values[integers] = ((counts >> 1) ^ -(counts & 1))[integers]
    right |= numbers_here | integers

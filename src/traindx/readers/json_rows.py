"""Rows of named values to a run: equal rows are taken a group at a time, so that no point costs a Python call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import methodcaller
from typing import final

import numpy as np

from traindx.readers.frame import split_name
from traindx.readers.json_layout import Rows, counts, joined, laid_out
from traindx.readers.json_values import (
    CONFIG_KEYS,
    flattened,
    is_object,
    number,
    numbers,
    seconds,
    settings_of,
)
from traindx.run import Floats, Run, Setting, Skip, Source, Unit

SPLIT_KEYS = frozenset({"mode", "phase", "split", "subset", "stage", "partition", "data_split"})
_VALUES: Callable[[Mapping[str, object]], Iterable[object]] = methodcaller("values")
# A column of words with more different values than this does not name splits.
_MAX_SPLITS = 8
# Where fewer rows than this share their keys, taking them together does not pay.
_SMALL_GROUP = 4
# More different names than this come from names that carry a step or an id; no program logs so many metrics.
_MAX_NAMES = 50_000


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a reader knows of the file beside its rows."""

    name: str
    path: str
    format: str
    unit: Unit = "record"
    skipped: tuple[Skip, ...] = ()
    ignored: int = 0
    incomplete: str = ""
    encoding: str = "utf-8"
    settings: tuple[Setting, ...] = ()
    notes: tuple[str, ...] = ()


@final
class RowStore:
    """Collects JSON objects in file order and gives them back as one run."""

    def __init__(self, path: str = "") -> None:
        self._path = path
        self._records: list[Rows] = []
        self._size = 0
        self._pieces: dict[str, list[tuple[Rows, Floats]]] = {}
        self._texts: dict[str, Skip] = {}
        self._settings: dict[str, Setting] = {}
        self._too_many = 0

    def __len__(self) -> int:
        return self._size

    def add(self, rows: Sequence[Mapping[str, object]], records: Rows) -> None:
        """Add ``rows``, which stand at the 1-based ``records`` of the file."""
        self._records.append(records)
        every = list(map(tuple, rows))
        kinds = set(every)
        if len(kinds) == 1 and every[0]:
            flat = list(chain.from_iterable(map(_VALUES, rows)))
            self._take(every[0], np.arange(len(rows)), flat, records)
        elif len(kinds) * _SMALL_GROUP > len(rows) and all(map(SPLIT_KEYS.isdisjoint, kinds)):
            self._scatter(rows, records)
        else:
            self._gather(rows, every, records)
        self._size += len(rows)

    def _scatter(self, rows: Sequence[Mapping[str, object]], records: Rows) -> None:
        """Take rows in which nearly every one has other keys, value by value."""
        columns: dict[str, tuple[list[int], list[object]]] = {}
        for index, row in enumerate(rows):
            for name, value in row.items():
                column = columns.get(name)
                if column is None:
                    column = columns[name] = ([], [])
                column[0].append(index)
                column[1].append(value)
        for name, (indices, cells) in columns.items():
            self._cells(name, np.array(indices, dtype=np.int64), cells, records)

    def _gather(self, rows: Sequence[Mapping[str, object]], every: list[tuple[str, ...]], records: Rows) -> None:
        """Take rows of equal keys together."""
        groups: dict[tuple[str, ...], tuple[list[int], list[object]]] = {}
        for index, (keys, row) in enumerate(zip(every, rows, strict=True)):
            group = groups.get(keys)
            if group is None:
                group = groups[keys] = ([], [])
            group[0].append(index)
            group[1].extend(row.values())
        for keys, (indices, flat) in groups.items():
            if keys:
                self._take(keys, np.array(indices, dtype=np.int64), flat, records)

    def _take(self, keys: tuple[str, ...], indices: Rows, flat: list[object], records: Rows) -> None:
        table = numbers(flat)
        if table is not None:
            for name, values in zip(keys, table.reshape(-1, len(keys)).T, strict=True):
                self._store(name, indices, values)
            return
        for split, chosen in _splits(keys, flat):
            rows = indices if chosen is None else indices[chosen]
            for position, key in enumerate(keys):
                column = flat[position :: len(keys)]
                cells = column if chosen is None else [column[row] for row in chosen.tolist()]
                name = key if not split or counts(key) else split_name(key, split)
                self._cells(name, rows, cells, records)

    def _cells(self, name: str, rows: Rows, cells: list[object], records: Rows) -> None:
        """Store one column of mixed values."""
        values = numbers(cells, texts=True)
        if values is not None:
            self._store(name, rows, values)
        elif any(isinstance(cell, (dict, list)) for cell in cells):
            self._nested(name, rows, cells, records)
        else:
            self._plain(name, rows, cells, records)

    def _plain(self, name: str, rows: Rows, cells: list[object], records: Rows) -> None:
        parsed = [number(cell) for cell in cells]
        found = np.array([value is not None for value in parsed], dtype=np.bool_)
        if found.any():
            self._store(
                name,
                rows[found],
                np.array([v for v in parsed if v is not None], dtype=np.float64),
            )
        lost = zip(rows.tolist(), cells, found.tolist(), strict=True)
        words = [row for row, cell, known in lost if isinstance(cell, str) and not known]
        if words:
            if not found.any() and counts(name):
                self._clock(name, rows, cells)
            self._text(name, len(words), int(records[words[0]]))

    def _clock(self, name: str, rows: Rows, cells: list[object]) -> None:
        times = np.array([seconds(cell) for cell in cells], dtype=np.float64)
        known = np.isfinite(times)
        if known.any():
            self._store(name, rows[known], times[known])

    def _text(self, name: str, count: int, first: int) -> None:
        known = self._texts.get(name)
        if count > 0:
            self._texts[name] = Skip(
                "",
                count + (known.count if known else 0),
                known.first if known else first,
            )

    def _nested(self, name: str, rows: Rows, cells: list[object], records: Rows) -> None:
        """Store the numbers inside objects and lists; configuration becomes settings, once."""
        found: dict[str, tuple[list[int], list[float]]] = {}
        for row, cell in zip(rows.tolist(), cells, strict=True):
            if name in CONFIG_KEYS and is_object(cell):
                self._configure(cell, int(records[row]))
                continue
            for inner, value in flattened(name, cell):
                where, values = found.setdefault(inner, ([], []))
                where.append(row)
                values.append(value)
        for inner, (where, values) in found.items():
            self._store(
                inner,
                np.array(where, dtype=np.int64),
                np.array(values, dtype=np.float64),
            )

    def _configure(self, cell: object, record: int) -> None:
        if not self._settings:
            self._settings = {one.name: one for one in settings_of(cell, f"{self._path}:{record}")}

    def _store(self, name: str, rows: Rows, values: Floats) -> None:
        pieces = self._pieces.get(name)
        if pieces is None:
            if len(self._pieces) >= _MAX_NAMES:
                self._too_many += len(values)
                return
            pieces = self._pieces[name] = []
        pieces.append((rows + self._size if self._size else rows, values))

    def run(self, about: Reading, *, epoch_length: float | None = None) -> Run:
        """Return the run that the rows tell; the store must not be used afterwards."""
        columns = {name: joined(self._pieces.pop(name)) for name in list(self._pieces)}
        records = np.concatenate(self._records) if self._records else np.zeros(0, dtype=np.int64)
        used = np.zeros(self._size, dtype=np.bool_)
        for rows, _ in columns.values():
            used[rows] = True
        source = Source(
            path=about.path,
            format=about.format,
            unit=about.unit,
            rows=int(used.sum()),
            skipped=about.skipped + self._skips(columns),
            ignored=about.ignored + int((~used).sum()),
            incomplete=about.incomplete,
            encoding=about.encoding,
        )
        return Run(
            name=about.name,
            series=laid_out(columns, records, source, epoch_length),
            sources=(source,),
            settings=about.settings + tuple(self._settings.values()),
            notes=about.notes,
        )

    def _skips(self, columns: Iterable[str]) -> tuple[Skip, ...]:
        """Text among the numbers of one column is a number that was lost; a column of text alone is none."""
        texts = [
            Skip(f"text instead of a number in {name!r}", text.count, text.first)
            for name, text in self._texts.items()
            if name in columns and not counts(name)
        ]
        if self._too_many:
            texts.append(Skip(f"more than {_MAX_NAMES} different names", self._too_many))
        return tuple(texts)


def _splits(keys: tuple[str, ...], flat: list[object]) -> Iterator[tuple[str, Rows | None]]:
    """Yield each split that a group of rows names, with its rows (None: all of them)."""
    for position, key in enumerate(keys):
        if key.lower() in SPLIT_KEYS:
            words = flat[position :: len(keys)]
            names = dict.fromkeys(word for word in words if isinstance(word, str) and len(word) < 32)
            if 0 < len(names) <= _MAX_SPLITS and all(isinstance(word, str) for word in words):
                for name in names:
                    yield (
                        name,
                        np.array(
                            [row for row, word in enumerate(words) if word == name],
                            dtype=np.int64,
                        ),
                    )
                return
    yield "", None

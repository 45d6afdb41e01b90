"""The layout of a table: wide, long with one row per metric, split by phase, or several runs in one file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from traindx.readers.axis import Column, is_axis_name, is_clock_name
from traindx.readers.frame import run_from_columns, split_name
from traindx.readers.splits import is_split_word
from traindx.readers.tables.table import Table, Words
from traindx.run import Run, Setting, Source

_RUNS = ("run", "run_id", "run_name", "run_uuid", "runid", "experiment_id", "trial", "trial_id")
_SPLIT_NAMES = ("split", "phase", "mode", "subset", "stage", "partition", "set", "dataset", "fold", "type")
_METRIC_NAMES = ("metric", "metric_name", "name", "tag", "key", "variable", "series", "scalar")
_VALUE_NAMES = ("value", "values", "metric_value", "val", "scalar_value", "y")
_MAX_GROUPS = 1_000


def runs_of_table(table: Table, source: Source, name: str) -> list[Run]:
    """Return the runs that a table holds; nearly always one.

    A column that names several runs makes several; rows marked by a column of phases are told apart by the names of
    their series; in a long table the column of names becomes the series.
    """
    source = table_source(table, source)
    table = _with_clock(_without_index(table))
    run_column = _run_column(table)
    if run_column is None:
        return [_one_run(table, source, name)]
    return [
        _one_run(rows_of(part, rows), replace(source, rows=len(rows)), label)
        for part in [_without_words(table, run_column)]
        for label, rows in _groups(table.words[run_column])
    ]


def table_source(table: Table, source: Source) -> Source:
    """Return the source with the counts of the table that was read from it."""
    return replace(
        source,
        rows=_rows_with_numbers(table),
        skipped=table.skipped,
        ignored=table.ignored,
        incomplete=source.incomplete or table.incomplete,
    )


def _one_run(table: Table, source: Source, name: str) -> Run:
    settings = (*table.settings, *_constants(table, source.path))
    long = _long_columns(table)
    if long is not None:
        return _long_run(table, long, source, name, settings)
    columns = _split_columns(table)
    return run_from_columns(name, source, columns, table.records, settings=settings, notes=table.notes)


def _long_run(table: Table, long: tuple[str, str], source: Source, name: str, settings: tuple[Setting, ...]) -> Run:
    """Each metric of a long table is a small table of its own, on its own rows."""
    names, value = long
    parts: list[Run] = []
    rest = _without_words(table, names)
    for metric, rows in _groups(table.words[names]):
        part = rows_of(rest, rows)
        axes = {key: column for key, column in part.columns.items() if is_axis_name(key)}
        part = replace(part, columns=MappingProxyType({**axes, metric: part.columns[value]}))
        parts.append(run_from_columns(name, source, _split_columns(part), part.records))
    series = {key: one for part in parts for key, one in part.series.items()}
    return Run(name=name, series=series, sources=(source,), settings=settings, notes=table.notes)


def renamed(table: Table, label: str) -> Table:
    """Return the table with its one metric called ``label``, where the file calls it no more than a value."""
    metrics = [key for key in table.columns if not is_axis_name(key)]
    if len(metrics) != 1 or _named(table.words, _METRIC_NAMES) is not None:
        return table
    if _named({metrics[0]: None}, _VALUE_NAMES) is None and not metrics[0].startswith("column "):
        return table
    columns = {label if key == metrics[0] else key: column for key, column in table.columns.items()}
    return replace(table, columns=MappingProxyType(columns))


def _long_columns(table: Table) -> tuple[str, str] | None:
    """Return the columns of names and of values of a long table."""
    names = _named(table.words, _METRIC_NAMES)
    value = _named(table.columns, _VALUE_NAMES)
    if names is None or value is None:
        return None
    others = [key for key in table.columns if key != value and not is_axis_name(key)]
    return None if others else (names, value)


def _split_columns(table: Table) -> dict[str, Column]:
    """Return the columns, parted by the phase of their rows where a column tells it."""
    words = _split_words(table)
    if words is None:
        return dict(table.columns)
    columns: dict[str, Column] = {}
    for key, column in table.columns.items():
        if is_axis_name(key):
            columns[key] = column
            continue
        rows = column.rows()
        for code, split in enumerate(words.vocabulary):
            here = rows & (words.codes == code)
            if bool(here.any()):
                _add(columns, split_name(key, split), Column(column.packed()[here[rows]], here))
        unmarked = rows & (words.codes < 0)
        if bool(unmarked.any()):
            _add(columns, key, Column(column.packed()[unmarked[rows]], unmarked))
    return columns


def _add(columns: dict[str, Column], name: str, new: Column) -> None:
    """Join rows that were given one name by two words ("val" and "valid")."""
    old = columns.get(name)
    if old is None:
        columns[name] = new
        return
    both = old.rows() | new.rows()
    full = np.where(new.rows(), new.full(), old.full())
    columns[name] = Column(full[both], both)


def _split_words(table: Table) -> Words | None:
    sure = [w for w in table.words.values() if w.vocabulary and all(map(is_split_word, w.vocabulary))]
    if sure:
        return sure[0]
    name = _named(table.words, _SPLIT_NAMES)
    return table.words[name] if name is not None and 2 <= len(table.words[name].vocabulary) <= 16 else None


def _run_column(table: Table) -> str | None:
    """Return the column of words, or of whole numbers, that names at least two runs."""
    name = _named(table.words, _RUNS)
    if name is None or not 2 <= len(table.words[name].vocabulary) <= _MAX_GROUPS:
        return None
    return name


def _constants(table: Table, path: str) -> Iterator[Setting]:
    """A column that holds one word all along is a setting."""
    for name, words in table.words.items():
        if len(words.vocabulary) == 1 and not is_split_word(words.vocabulary[0]):
            first = int(table.records[int((words.codes == 0).argmax())])
            yield Setting(name, words.vocabulary[0], f"{path}:{first}")


def _groups(words: Words) -> Iterator[tuple[str, NDArray[np.intp]]]:
    """Yield each word with its rows, in order of first appearance and in linear time."""
    order = np.argsort(words.codes, kind="stable")
    bounds = np.searchsorted(words.codes[order], np.arange(len(words.vocabulary) + 1))
    for code, word in enumerate(words.vocabulary):
        rows = order[bounds[code] : bounds[code + 1]]
        if len(rows):
            yield word, rows


def rows_of(table: Table, rows: NDArray[np.intp]) -> Table:
    """Return the table of some of the rows."""
    return replace(
        table,
        columns=MappingProxyType({key: _column_rows(column, rows) for key, column in table.columns.items()}),
        words=MappingProxyType({k: Words(w.codes[rows], w.vocabulary) for k, w in table.words.items()}),
        records=table.records[rows],
    )


def _column_rows(column: Column, rows: NDArray[np.intp]) -> Column:
    present = None if column.present is None else column.present[rows]
    return Column(column.full()[rows], present)


def _without_words(table: Table, name: str) -> Table:
    kept = {key: words for key, words in table.words.items() if key != name}
    return replace(table, words=MappingProxyType(kept))


def _without_index(table: Table) -> Table:
    """A first column without a name that counts rows is no metric: it is the step only where nothing else is."""
    first = next(iter(table.columns), None)
    if first is None or not (first == "" or first.startswith("Unnamed: 0")):
        return table
    columns = dict(table.columns)
    column = columns.pop(first)
    values = column.known()
    counts = len(values) > 1 and bool((np.diff(values) == 1).mean() > 0.9)
    if not counts:
        columns = {"column 1": column, **columns}
    elif not any(map(is_axis_name, columns)):
        columns = {"step": column, **columns}
    return replace(table, columns=MappingProxyType(columns))


def _with_clock(table: Table) -> Table:
    """Dates serve as the clock, whatever their column is called, and are never a metric."""
    moments = [key for key in table.columns if key in table.moments]  # a name may have gone with its column
    if not moments:
        return table
    kept = {key: column for key, column in table.columns.items() if key not in table.moments or is_clock_name(key)}
    if not any(map(is_clock_name, kept)):
        kept = {**kept, "wall_time": table.columns[moments[0]]}
    return replace(table, columns=MappingProxyType(kept))


def _named(columns: Mapping[str, object], names: Sequence[str]) -> str | None:
    keys = {key.strip().lower().replace(" ", "_"): key for key in columns}
    return next((keys[name] for name in names if name in keys), None)


def _rows_with_numbers(table: Table) -> int:
    if any(column.present is None for column in table.columns.values()):
        return len(table.records)
    some = np.zeros(len(table.records), dtype=np.bool_)
    for column in table.columns.values():
        some |= column.rows()
    return int(some.sum())

"""The numbers inside one JSON value: tables, columns and metrics with axes of their own, nested at will."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import final

import numpy as np

from traindx.readers.frame import Column, run_from_columns
from traindx.readers.json_layout import counts
from traindx.readers.json_long import LongStore, is_long
from traindx.readers.json_metric import Node, axis_series, metric
from traindx.readers.json_rows import Reading, RowStore
from traindx.readers.json_values import (
    CONFIG_KEYS,
    MAX_DEPTH,
    MEDIA_KEY,
    as_list,
    as_object,
    is_list,
    is_object,
    number,
    numbers,
    seconds,
    settings_of,
)
from traindx.run import Series, Setting, Skip, Source

# A table of this name holds all there is, so that its name says nothing about its columns.
_ROOTS = frozenset(
    {
        "history",
        "log_history",
        "logs",
        "log",
        "metrics",
        "epochs",
        "steps",
        "records",
        "data",
        "results",
        "rows",
    }
)
# A list of lists of other shapes is not looked into beyond this many.
_SHOWN = 60


@final
@dataclass(slots=True)
class Findings:
    """The parts of a document that hold numbers, in order of appearance."""

    series: dict[str, Series] = field(default_factory=dict)
    settings: list[Setting] = field(default_factory=list)
    scalars: dict[str, object] = field(default_factory=dict)
    skipped: list[Skip] = field(default_factory=list)
    taken: dict[str, int] = field(default_factory=dict)
    rows: int = 0
    ignored: int = 0

    def add(self, found: Mapping[str, Series]) -> None:
        """Add series; one whose name is taken gets a number behind it."""
        for name, one in found.items():
            count = self.taken[name] = self.taken.get(name, 0) + 1
            label = f"{name} ({count})" if count > 1 else name
            self.series[label] = one if count == 1 else replace(one, name=label, logged_as=name)


def examine(values: Sequence[object], path: str) -> Findings:
    """Return all series inside the JSON values of one file."""
    findings = Findings()
    for value in values:
        _visit("", value, findings, path, 0)
    return findings


def _visit(name: str, value: object, findings: Findings, path: str, depth: int) -> None:
    if depth > MAX_DEPTH:
        findings.ignored += 1
    elif is_list(value):
        _list(name, value, findings, path, depth)
    elif is_object(value):
        _object(name, value, findings, path, depth)
    elif name:
        findings.scalars[name] = value


def _list(name: str, items: Sequence[object], findings: Findings, path: str, depth: int) -> None:
    if items and all(is_object(item) for item in items):
        _table(name, [as_object(item) for item in items], findings, path)
    elif items and all(is_list(item) for item in items):
        _triples(name, [as_list(item) for item in items], findings, path, depth)
    elif name:
        found = _column(name, items, findings)
        if found is not None:
            _framed(
                name.rpartition("/")[0],
                {name.rpartition("/")[2]: found},
                len(items),
                findings,
                path,
            )
    else:
        for index, item in enumerate(items[:_SHOWN]):
            _visit(str(index), item, findings, path, depth + 1)


def _table(name: str, rows: Sequence[Node], findings: Findings, path: str) -> None:
    """A list of objects: rows in which each key is a column, or each row a metric of its own."""
    records = np.arange(1, len(rows) + 1, dtype=np.int64)
    store: RowStore | LongStore = LongStore() if is_long(rows[:20]) else RowStore(path)
    store.add(rows, records)
    run = store.run(Reading(name=name, path=path, format=""))
    findings.add(_prefixed(name, run.series))
    findings.settings.extend(run.settings)
    findings.skipped.extend(run.sources[0].skipped)
    findings.rows += run.sources[0].rows
    findings.ignored += run.sources[0].ignored


def _prefixed(name: str, series: Mapping[str, Series]) -> dict[str, Series]:
    """Names of a table called "train" or "val" need the table's name; a table called "history" holds all there is."""
    if not name or name.lower().rpartition("/")[2] in _ROOTS:
        return dict(series)
    return {f"{name}/{key}": replace(one, name=f"{name}/{key}", logged_as=key) for key, one in series.items()}


def _triples(
    name: str,
    rows: Sequence[Sequence[object]],
    findings: Findings,
    path: str,
    depth: int,
) -> None:
    """Pairs of step and value, or TensorBoard's triples of time, step and value."""
    width = len(rows[0])
    table = numbers([cell for row in rows for cell in row]) if all(len(row) == width for row in rows) else None
    if table is None or width not in (2, 3) or len(rows) < 2:
        for index, row in enumerate(rows[:_SHOWN]):
            _visit(
                f"{name}/{index}" if name else str(index),
                row,
                findings,
                path,
                depth + 1,
            )
        return
    columns = table.reshape(-1, width).T
    records = np.arange(1, len(rows) + 1, dtype=np.int64)
    times = columns[0] if width == 3 else np.full(len(rows), np.nan)
    label = name or "value"
    findings.add({label: axis_series(label, columns[-1], records, steps=columns[-2], times=times)})
    findings.rows += len(rows)


def _object(name: str, node: Node, findings: Findings, path: str, depth: int) -> None:
    if MEDIA_KEY in node:
        return
    one = metric(name or "value", node)
    if one is not None:
        findings.add({one.name: one})
        findings.rows += len(one)
        return
    columns: dict[int, dict[str, Column]] = {}
    for key, child in node.items():
        label = f"{name}/{key}" if name else key
        found = _column(label, child, findings) if is_list(child) else None
        if found is not None:
            columns.setdefault(len(found.values), {})[key] = found
        elif key in CONFIG_KEYS and is_object(child):
            findings.settings.extend(settings_of(child, path, label.replace("/", ".")))
        else:
            _visit(label, child, findings, path, depth + 1)
    for size, group in columns.items():
        _framed(name, group, size, findings, path)


def _column(name: str, items: Sequence[object], findings: Findings) -> Column | None:
    """Return a list of numbers as a column; null is a value that was not logged."""
    values = numbers(items)
    if values is not None:
        return Column(values) if len(values) else None
    if any(_nests(item) for item in items):
        return None
    parsed = [number(item) for item in items]
    lost = [row for row, value in enumerate(parsed) if value is None and items[row] is not None]
    if not any(value is not None for value in parsed):
        return _dates(name, items) if lost else None
    if lost:
        findings.skipped.append(Skip(f"no number in {name!r}", len(lost), lost[0] + 1))
    present = np.array([value is not None for value in parsed], dtype=np.bool_)
    return Column(np.array([np.nan if value is None else value for value in parsed]), present)


def _nests(item: object) -> bool:
    return (is_object(item) or is_list(item)) and number(as_object(item)) is None


def _dates(name: str, items: Sequence[object]) -> Column | None:
    times = np.array([seconds(item) for item in items], dtype=np.float64)
    return Column(times) if counts(name.rpartition("/")[2]) and bool(np.isfinite(times).all()) else None


def _framed(prefix: str, group: Mapping[str, Column], size: int, findings: Findings, path: str) -> None:
    """Columns of one length share their axes, if they have any."""
    records = np.arange(1, size + 1, dtype=np.int64)
    found = run_from_columns("", Source(path=path, format=""), group, records).series
    findings.rows += size if found else 0
    findings.add({_under(prefix, key): replace(one, name=_under(prefix, key)) for key, one in found.items()})


def _under(prefix: str, key: str) -> str:
    return f"{prefix}/{key}" if prefix and prefix.lower() not in _ROOTS else key

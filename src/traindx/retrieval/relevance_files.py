"""Relevance out of a file: pairs as CSV, JSON or NPY, and the qrels of TREC."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, cast

import msgspec
import numpy as np

from traindx.arrays import open_array
from traindx.errors import UnreadableDataError, UsageError
from traindx.retrieval.relevance import Relevance, from_pairs

_MOST_JSON_BYTES: Final = 1 << 30
"""A document is in memory as a whole, at about ten times its size."""

_MOST_LINE: Final = 1 << 16
_SHOWN: Final = 40

Name = str | int
Row = tuple[Name, Name, float]


def read_relevance(
    path: str | Path,
    *,
    queries: int,
    items: int,
    query_names: Sequence[str] | None = None,
    item_names: Sequence[str] | None = None,
) -> Relevance:
    """Return the relevance that a file holds, for ``queries`` rows of queries and ``items`` rows of the gallery.

    - ``.npy``: pairs (P, 2) of query and item, or (P, 3) with a grade.
    - ``.csv``, ``.tsv``: lines of query, item and perhaps a grade; a first line without numbers is a header.
    - ``.json``: a list of right items for each query; ``{"query": [items]}`` or ``{"query": {"item": grade}}``; or ``{"pairs": [[query, item], ...]}``.
    - anything else: qrels as trec_eval reads them, lines of query, iteration, item and grade.

    Queries and items are row numbers from 0, or the names in ``query_names`` and ``item_names``. Raises ``UnreadableDataError`` with file and
    line for what is none of this, ``UsageError`` for rows that do not exist.
    """
    place = Path(path)
    if place.suffix == ".npy":
        return _from_table(place, queries, items)
    left = _Rows("query", queries, query_names)
    right = _Rows("item", items, item_names)
    pairs: list[tuple[int, int]] = []
    grades: list[float] = []
    for where, (query, item, grade) in _rows(place):
        pairs.append((left.number(query, where), right.number(item, where)))
        grades.append(grade)
    if not pairs:
        raise UnreadableDataError("holds no pair of query and item", where=str(place))
    graded = any(grade != 1.0 for grade in grades)
    try:
        return from_pairs(np.array(pairs, dtype=np.int64), queries, items, grades=grades if graded else None)
    except UsageError as error:
        raise UsageError(error.problem, where=str(place), hint=error.hint) from error


class _Rows:
    """Row numbers by name, or by themselves."""

    def __init__(self, what: str, total: int, names: Sequence[str] | None) -> None:
        if names is not None and len(names) != total:
            raise UsageError(f"{len(names):,} names for {total:,} rows of {what}")
        self.what, self.total = what, total
        self.places = None if names is None else {name: row for row, name in enumerate(names)}

    def number(self, name: Name, where: str) -> int:
        if self.places is not None and str(name) in self.places:
            return self.places[str(name)]
        if self.places is not None:
            raise UsageError(f"no {self.what} has the name {_shown(name)}", where=where)
        try:
            row = int(name)
        except ValueError:
            row = -1
        if not 0 <= row < self.total:
            raise UsageError(
                f"{_shown(name)} is no row of the {self.total:,} rows of {self.what}",
                where=where,
                hint="rows are counted from 0; or give the names of all rows in their order",
            )
        return row


def _from_table(path: Path, queries: int, items: int) -> Relevance:
    source = open_array(path)
    if len(source.shape) != 2 or source.shape[1] not in {2, 3}:
        raise UnreadableDataError(
            f"pairs must be (P, 2) or, with grades, (P, 3), and not {source.shape}", where=source.where
        )
    table = source.read(0, len(source))
    try:
        return from_pairs(table[:, :2], queries, items, grades=table[:, 2] if source.shape[1] == 3 else None)
    except UsageError as error:
        raise UsageError(error.problem, where=str(path), hint=error.hint) from error


def _rows(path: Path) -> Iterator[tuple[str, Row]]:
    try:
        match path.suffix.lower():
            case ".json":
                yield from _json_rows(path)
            case ".csv" | ".tsv" as suffix:
                yield from _table_rows(path, "," if suffix == ".csv" else "\t")
            case _:
                yield from _qrels_rows(path)
    except OSError as error:
        raise UnreadableDataError(f"cannot be read: {error.strerror or error}".lower(), where=str(path)) from error
    except UnicodeDecodeError as error:
        raise UnreadableDataError("is not text in UTF-8", where=str(path)) from error


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    with path.open(encoding="utf-8-sig") as file:
        number = 0
        while line := file.readline(_MOST_LINE):
            number += 1
            if len(line) >= _MOST_LINE:
                raise UnreadableDataError("a line that never ends", where=f"{path}:{number}")
            yield number, line


def _table_rows(path: Path, delimiter: str) -> Iterator[tuple[str, Row]]:
    for number, line in _lines(path):
        cells = [cell.strip() for cell in next(iter(csv.reader([line], delimiter=delimiter)), [""])]
        if not any(cells):
            continue
        if len(cells) not in {2, 3}:
            raise UnreadableDataError(
                f"{len(cells)} cells, not query, item and perhaps a grade", where=f"{path}:{number}"
            )
        if number == 1 and _is_header(cells):
            continue
        grade = _grade(cells[2], f"{path}:{number}") if len(cells) == 3 else 1.0
        yield f"{path}:{number}", (cells[0], cells[1], grade)


def _is_header(cells: list[str]) -> bool:
    return cells[0].lower() in {"query", "query_id", "query-id", "qid", "queries", "q"}


def _qrels_rows(path: Path) -> Iterator[tuple[str, Row]]:
    for number, line in _lines(path):
        cells = line.split()
        if not cells:
            continue
        if len(cells) != 4:
            raise UnreadableDataError(
                f"{len(cells)} cells, not query, iteration, item and grade",
                where=f"{path}:{number}",
                hint="pairs of query and item go into a file that ends in .csv, .tsv, .json or .npy",
            )
        yield f"{path}:{number}", (cells[0], cells[2], _grade(cells[3], f"{path}:{number}"))


def _grade(cell: str, where: str) -> float:
    try:
        grade = float(cell)
    except ValueError:
        grade = math.nan
    if not math.isfinite(grade):
        raise UnreadableDataError(f"{_shown(cell)} is no grade", where=where)
    return grade


def _json_rows(path: Path) -> Iterator[tuple[str, Row]]:
    if path.stat().st_size > _MOST_JSON_BYTES:
        raise UnreadableDataError("is larger than 1 GiB", where=str(path), hint="pairs as .npy have no such limit")
    try:
        document = cast("object", msgspec.json.decode(path.read_bytes()))
    except (msgspec.DecodeError, RecursionError) as error:
        raise UnreadableDataError("is not JSON", where=str(path)) from error
    for query, items in _json_lists(document, path):
        where = f"{path}: query {_shown(query)}"
        for item, grade in _json_items(items, where):
            yield where, (query, item, grade)


def _json_lists(document: object, path: Path) -> Iterable[tuple[Name, object]]:
    if isinstance(document, list):
        return enumerate(cast("list[object]", document))
    if not isinstance(document, dict):
        raise UnreadableDataError("is neither a list nor an object", where=str(path))
    pairs = cast("dict[str, object]", document).get("pairs")
    if len(cast("dict[str, object]", document)) == 1 and isinstance(pairs, list):
        return [_json_pair(pair, path) for pair in cast("list[object]", pairs)]
    return cast("dict[str, object]", document).items()


def _json_pair(pair: object, path: Path) -> tuple[Name, object]:
    cells = cast("list[object]", pair) if isinstance(pair, list) else []
    if len(cells) != 2 or not isinstance(cells[0], str | int):
        raise UnreadableDataError("a pair is not [query, item]", where=str(path))
    return cells[0], [cells[1]]


def _json_items(items: object, where: str) -> Iterator[tuple[Name, float]]:
    if isinstance(items, dict):
        for name, grade in cast("dict[str, object]", items).items():
            yield name, _grade(str(grade), where)
        return
    if not isinstance(items, list):
        raise UnreadableDataError("its right items are neither a list nor an object", where=where)
    for item in cast("list[object]", items):
        if isinstance(item, bool) or not isinstance(item, str | int):
            raise UnreadableDataError(f"{_shown(str(item))} is no item", where=where)
        yield item, 1.0


def _shown(name: Name) -> str:
    return ascii(name if isinstance(name, int) else name[:_SHOWN])

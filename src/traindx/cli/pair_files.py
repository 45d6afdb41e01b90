"""Files that say which items are right for which query, or which queries hang together."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from traindx.errors import UnreadableDataError, UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from traindx.retrieval import Relevance

_MOST_BYTES = 1 << 30
_TEXT = {".txt", ".csv", ".tsv", ".qrels", ".qrel", ".json", ".jsonl", ".dat", ""}


def relevance_of(path: str, queries: int, items: int) -> Relevance:
    """Return which items are right, from a file of pairs or lists; rows are counted from 0.

    Text: a line for each pair with query and item (and a grade), or the four columns of TREC; a first line without numbers is a heading.
    JSON: a list of right items for each query. Arrays: two columns, or three with the grade.
    """
    if _is_text(path):
        text = _text(path)
        return _lists(path, text, queries, items) if text.lstrip()[:1] == "[" else _pairs(path, text, queries, items)
    return _of_table(_array(path), path, queries, items)


def _is_text(path: str) -> bool:
    return Path(path).suffix.lower() in _TEXT and "::" not in path


def _text(path: str) -> str:
    file = Path(path)
    if not file.is_file():
        raise UsageError("no such file", where=path)
    if file.stat().st_size > _MOST_BYTES:
        raise UnreadableDataError("larger than 1 GiB of text", where=path, hint="give the pairs as an array (.npy)")
    return file.read_text(encoding="utf-8", errors="replace")


def _lists(path: str, text: str, queries: int, items: int) -> Relevance:
    from traindx.retrieval import from_lists

    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableDataError("not a list of lists in JSON", where=path) from error
    if not isinstance(found, list) or not all(_is_row(row) for row in found):
        raise UnreadableDataError("not a list of whole numbers for each query", where=path, hint="[[0], [3, 4], []]")
    return from_lists(found, queries, items)


def _is_row(row: object) -> bool:
    return isinstance(row, list) and all(isinstance(item, int) and not isinstance(item, bool) for item in row)


def _pairs(path: str, text: str, queries: int, items: int) -> Relevance:
    rows: list[list[float]] = []
    for place, line in enumerate(text.splitlines(), 1):
        cells = line.replace(",", " ").split()
        if not cells or cells[0].startswith("#") or (not rows and not any(map(_is_number, cells))):
            continue
        if len(cells) not in (2, 3, 4) or not all(map(_is_number, cells)) or (rows and len(cells) != len(rows[0])):
            raise UnreadableDataError(
                "not a pair of rows", where=f"{path}:{place}", hint="write query and item, counted from 0, on each line"
            )
        rows.append([float(cell) for cell in cells])
    if not rows:
        raise UnreadableDataError("holds no pairs", where=path)
    table = np.array(rows)
    if table.shape[1] == 4:  # TREC: query, iteration, item, grade
        table = table[:, [0, 2, 3]]
    return _of_table(table, path, queries, items)


def _is_number(text: str) -> bool:
    try:
        return np.isfinite(float(text)).item()
    except ValueError:
        return False


def _array(path: str) -> NDArray[np.generic]:
    from traindx.arrays import open_array

    source = open_array(path)
    return source.read(0, len(source))


def _of_table(table: NDArray[np.generic], path: str, queries: int, items: int) -> Relevance:
    from traindx.retrieval import from_pairs

    if table.ndim != 2 or table.shape[1] not in (2, 3):
        raise UnreadableDataError(f"pairs need two columns, not the shape {table.shape}", where=path)
    try:
        return from_pairs(table[:, :2], queries, items, grades=table[:, 2] if table.shape[1] == 3 else None)
    except UsageError as error:
        raise UsageError(error.problem, where=path, hint=error.hint) from error


def ids_of(path: str) -> NDArray[np.generic]:
    """Return one id for each query: the lines of a text file, or a one-dimensional array."""
    if _is_text(path):
        return np.array([line.strip() for line in _text(path).splitlines() if line.strip()])
    found = _array(path)
    if found.ndim != 1:
        raise UnreadableDataError(f"one id for each query is needed, not the shape {found.shape}", where=path)
    return found.astype(str) if found.dtype == object else found

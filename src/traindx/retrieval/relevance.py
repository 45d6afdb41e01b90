"""Which items are right for which query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from traindx.errors import UsageError

_SHOWN = 5


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Relevance:
    """Pairs of a query and an item that is right for it, sorted by query and item, none twice.

    ``grades`` are gains for nDCG (None: every right item counts 1). ``notes`` says what was removed on the way.
    """

    queries: int
    items: int
    query: NDArray[np.int64]
    item: NDArray[np.int64]
    grades: NDArray[np.float64] | None = None
    notes: tuple[str, ...] = ()

    def turned(self) -> Relevance:
        """Return the same pairs seen from the items: each item looks for its queries."""
        order = self.turning()
        grades = None if self.grades is None else self.grades[order]
        return Relevance(
            queries=self.items, items=self.queries, query=self.item[order], item=self.query[order], grades=grades
        )

    def turning(self) -> NDArray[np.int64]:
        """Return the order in which the pairs stand once they are turned."""
        return np.argsort(self.item, kind="stable").astype(np.int64)  # by item, and still by query among equal ones

    @property
    def starts(self) -> NDArray[np.int64]:
        """Where the pairs of each query begin, and the end of the last."""
        return np.searchsorted(self.query, np.arange(self.queries + 1)).astype(np.int64)


def by_row(rows: int) -> Relevance:
    """Return the relevance of matched pairs: item i is right for query i."""
    same = np.arange(rows, dtype=np.int64)
    return Relevance(queries=rows, items=rows, query=same, item=same)


def from_pairs(
    pairs: ArrayLike | Sequence[Sequence[int]],
    queries: int,
    items: int,
    *,
    grades: ArrayLike | None = None,
    notes: tuple[str, ...] = (),
) -> Relevance:
    """Return the relevance of an array of pairs (query, item), rows counted from 0; a pair given twice counts once.

    ``grades`` (one each) must be finite; pairs with a grade of 0 or below are not right and are left out.
    """
    table = _whole_numbers(pairs)
    if table.ndim != 2 or table.shape[1] != 2:
        raise UsageError(f"pairs must have two columns, query and item, and not the shape {table.shape}")
    _check_range("a query", table[:, 0], queries)
    _check_range("an item", table[:, 1], items)
    gains = None if grades is None else _gains(grades, len(table))
    if gains is not None:
        right = gains > 0
        if not right.all():
            notes = (*notes, f"{int((~right).sum()):,} pairs with a grade of 0 or below are not right items")
        table, gains = table[right], gains[right]
    if not len(table):
        raise UsageError("no pair says which item is right for which query")
    keys, first = np.unique(table[:, 0] * items + table[:, 1], return_index=True)
    if len(keys) < len(table):
        notes = (*notes, f"{len(table) - len(keys):,} pairs were given more than once and count once")
    return Relevance(
        queries=queries,
        items=items,
        query=keys // items,
        item=keys % items,
        grades=None if gains is None else gains[first],
        notes=notes,
    )


def from_lists(lists: Sequence[Sequence[int]], queries: int, items: int) -> Relevance:
    """Return the relevance of a list of right items for each query."""
    if len(lists) != queries:
        raise UsageError(
            f"{len(lists):,} lists of right items for {queries:,} queries", hint="one list each, [] for none"
        )
    parts = [_whole_numbers(row).reshape(-1) for row in lists]
    query = np.repeat(np.arange(queries, dtype=np.int64), [len(part) for part in parts])
    flat = np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)
    return from_pairs(np.stack((query, flat), axis=1), queries, items)


def from_groups(query_groups: ArrayLike, item_groups: ArrayLike) -> Relevance:
    """Return the relevance of group ids on both sides: an item is right for a query of its group (captions of one image)."""
    left, right = np.asarray(query_groups), np.asarray(item_groups)
    if left.ndim != 1 or right.ndim != 1:
        raise UsageError("group ids must be one list for the queries and one for the gallery")
    names, places = np.unique(np.concatenate((left, right)), return_inverse=True)
    places = places.reshape(-1).astype(np.int64)
    return _join(places[: len(left)], places[len(left) :], len(names))


def _join(left: NDArray[np.int64], right: NDArray[np.int64], groups: int) -> Relevance:
    order = np.argsort(right, kind="stable").astype(np.int64)
    starts = np.searchsorted(right[order], np.arange(groups + 1)).astype(np.int64)
    sizes = np.diff(starts)[left]
    query = np.repeat(np.arange(len(left), dtype=np.int64), sizes)
    if not len(query):
        raise UsageError("no group of the queries is a group of the gallery")
    offset = np.arange(len(query), dtype=np.int64) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    item = order[np.repeat(starts[:-1][left], sizes) + offset]
    return Relevance(queries=len(left), items=len(right), query=query, item=item)


def _whole_numbers(given: Any) -> NDArray[np.int64]:
    try:
        array = np.asarray(given)
    except ValueError as error:
        raise UsageError("rows must be whole numbers, as many in each line") from error
    if array.size == 0:
        return array.astype(np.int64)
    if array.dtype.kind == "f" and bool(np.all(array == np.floor(array))):
        return array.astype(np.int64)
    if array.dtype.kind not in "iu":
        raise UsageError(f"rows must be whole numbers, and not {array.dtype}")
    return array.astype(np.int64)


def _check_range(what: str, rows: NDArray[np.int64], total: int) -> None:
    odd = np.flatnonzero((rows < 0) | (rows >= total))
    if len(odd):
        shown = ", ".join(str(int(rows[k])) for k in odd[:_SHOWN]) + (", ..." if len(odd) > _SHOWN else "")
        raise UsageError(
            f"{len(odd):,} pairs name {what} that does not exist: {shown}",
            hint=f"rows are counted from 0 and there are {total:,}",
        )


def _gains(grades: ArrayLike, pairs: int) -> NDArray[np.float64]:
    gains = np.asarray(grades, dtype=np.float64).reshape(-1)
    if len(gains) != pairs:
        raise UsageError(f"{len(gains):,} grades for {pairs:,} pairs")
    if not np.isfinite(gains).all():
        raise UsageError("grades must be finite numbers")
    return gains

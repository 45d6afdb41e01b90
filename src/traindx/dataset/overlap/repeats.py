"""What one dataset repeats: equal rows, equal items of pairs, and equal rows with different labels."""

from __future__ import annotations

import os
from typing import Any, final

from numpy.typing import NDArray

from traindx.arrays import ArraySource
from traindx.dataset.overlap.columns import Pair, Paired, Split, is_classes, is_flat, opened, paired
from traindx.dataset.overlap.compare import contrasted, equal_rows, items_of
from traindx.dataset.overlap.matching import BUDGET_BYTES
from traindx.dataset.overlap.overlap import Equality, Overlap

MOST_BYTES = 4 << 30
"""Of a larger dataset the first rows are compared: this is read and hashed in seconds, and copies by the hundred show in it."""

_BYTES_PER_OBJECT = {"image": 64 << 10, "text": 1 << 10, "bytes": 1 << 12, "list": 1 << 12}
"""What reading a row costs where its size is not known beforehand; decoding an image takes as long as hashing 64 KiB of numbers."""


def repeats_within(
    split: Split,
    *,
    name: str = "",
    group: str = "",
    label: str = "",
    paired_columns: tuple[str, ...] = (),
    batch_size: int = 0,
    threads: int | None = None,
    budget_bytes: int = BUDGET_BYTES,
    most_bytes: int = MOST_BYTES,
) -> Overlap:
    """Return the rows that one dataset repeats, and the items of pairs that do: texts, images, embeddings, those named, and labels where a batch size is told.

    ``rows`` is None where there is nothing to compare: a lone column of numbers holds values rather than rows. ``limits`` say where only the first rows
    were read, so that about ``most_bytes`` are. Raises ``UnreadableDataError`` for rows that cannot be read.
    """
    sources, where = opened(split)
    name = name or where
    if not any(source.shape and len(source) > 1 for source in sources.values()):
        return Overlap(train=name, other="")
    columns = paired(split, split, group=group, label=label)
    content = _compared(columns)
    if not content:
        return Overlap(train=name, other="", columns_left_out=columns.numbering)
    items = _items(columns, paired_columns, with_label=batch_size > 0)
    first, limits = _affordable([*content, *items], most_bytes, budget_bytes)
    workers = threads or os.cpu_count() or 1
    named = columns.label if columns.label and is_classes(columns.label[0]) else None

    def equal(pairs: list[Pair], what: str = "", labels: Pair | None = None) -> Equality:
        cut = [FirstRows(one, first) for one, _ in pairs]
        told = FirstRows(labels[0], first) if labels else None
        return equal_rows(cut, None, what=what, threads=workers, budget_bytes=budget_bytes, label=told)

    return Overlap(
        train=name,
        other="",
        rows=equal(content, "whole rows" if len(content) > 1 else "", named),
        items=tuple(equal([pair], pair[0].name or "the rows") for pair in items),
        batch_size=batch_size,
        columns_left_out=columns.numbering,
        limits=limits,
    )


@final
class FirstRows(ArraySource):
    """The first rows of a source."""

    def __init__(self, source: ArraySource, rows: int) -> None:
        self._source = source
        self.name, self.where, self.dtype = source.name, source.where, source.dtype
        self.kind, self.table, self.block_rows = source.kind, source.table, source.block_rows
        self.shape = (min(rows, len(source)), *source.shape[1:])

    def read(self, start: int, stop: int, *, out: NDArray[Any] | None = None) -> NDArray[Any]:
        """Return some of these rows."""
        first, last = self.span(start, stop)
        return self._source.read(first, last, out=out)


_BYTES_PER_MATCH = 32
"""Memory that a row takes while equal ones are sought, its label counted: beyond the budget, rows would go through the disk."""


def _compared(columns: Paired) -> list[Pair]:
    """Return the columns that make rows equal: amounts to be learnt belong to them, class labels do not."""
    if columns.label in columns.content:
        return []
    content = list(columns.content)
    if columns.label and not is_classes(columns.label[0]):
        content.append(columns.label)
    lone = len(content) == 1 and is_flat(content[0][0]) and content[0][0].kind == "number"
    return [] if lone else content


def _items(columns: Paired, named: tuple[str, ...], *, with_label: bool) -> list[Pair]:
    """Return the columns that a contrastive training would draw pairs from."""
    usual = contrasted(columns)
    found = [pair for pair in columns.content if pair[0].name in named or pair in usual]
    if with_label:
        rest = items_of(columns) if len(columns.content) > 1 else list(columns.content)
        found += [pair for pair in rest if pair not in found]
        if columns.label and is_classes(columns.label[0]):
            found.append(columns.label)
    return found


def _affordable(pairs: list[Pair], most_bytes: int, budget_bytes: int) -> tuple[int, tuple[str, ...]]:
    """Return how many rows are read: what so many bytes hold, and what is matched in memory; and a sentence where these are not all."""
    rows = len(pairs[0][0])
    each = sum(_BYTES_PER_OBJECT.get(source.kind, source.row_bytes) for source, _ in pairs)
    first = max(2, min(most_bytes // max(1, each), budget_bytes // _BYTES_PER_MATCH))
    if first >= rows:
        return rows, ()
    return first, (f"duplicates: only the first {first:,} of {rows:,} rows were compared",)

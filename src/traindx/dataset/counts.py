"""How often each whole number occurs in an array of labels or tokens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from traindx.arrays import ArraySource

Integers = NDArray[np.int64]

_BLOCK_BYTES: Final = 8 << 20
_WIDEST: Final = 1 << 22  # counted in one table of so many entries: 32 MiB, and wider than any vocabulary
_MOST_DISTINCT: Final = 1 << 20
_WORD_ROWS: Final = 65_536
_MOST_WORDS: Final = 100_000
_VOID: Final = 250  # with fewer classes than this, a label of 255 is the mark that segmentations use for "void"


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ValueCounts:
    """The distinct whole numbers of an array in ascending order, and how often each occurs.

    ``missing`` counts entries that are no number, ``fractional`` those that are none of the whole numbers. ``is_float`` says that the
    file stores them as floating point. ``complete`` is False where there were more distinct values than are counted: these are not labels.
    """

    name: str
    where: str
    values: Integers
    counts: Integers
    missing: int = 0
    fractional: int = 0
    is_float: bool = False
    complete: bool = True
    names: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def total(self) -> int:
        """How many whole numbers were counted."""
        return int(self.counts.sum())

    def label(self, value: int) -> str:
        """Return what a value is called: its name where it has one."""
        return self.names.get(value, str(value))

    def classes(self, num_classes: int | None = None) -> ValueCounts:
        """Return the counts without what a loss ignores and what can be no class."""
        kept = (self.values >= 0) & ~np.isin(self.values, list(ignored_in(self, num_classes)))
        return replace(self, values=self.values[kept], counts=self.counts[kept])

    def within(self, size: int) -> Integers:
        """Return the counts of the values 0 to ``size`` - 1, zeros where one does not occur."""
        inside = (self.values >= 0) & (self.values < size)
        table = np.zeros(size, np.int64)
        table[self.values[inside]] = self.counts[inside]
        return table


def ignored_in(labels: ValueCounts, num_classes: int | None = None) -> frozenset[int]:
    """Return the labels that losses ignore: -100 (torch, Transformers), -1, and 255 as the void class of a segmentation.

    -1 beside 1 alone is one of two classes, and 255 is one where the labels reach up to it.
    """
    found = {-100, -1} if labels.values.tolist() != [-1, 1] else {-100}
    others = labels.values[labels.values != 255]
    size = num_classes or int(others.max(initial=-1)) + 1
    return frozenset(found | ({255} if size <= _VOID else set[int]()))


def padding_in(tokens: ValueCounts, most: float = 0.3, least: int = 1_000, few: int = 20) -> int | None:
    """Return the token that makes up over ``most`` of all, as padding does and no word; None where none does.

    Of fewer than ``least`` entries, and of fewer than ``few`` different codes, one may well be so common.
    """
    known = tokens.classes()
    if tokens.total < least or len(tokens.values) < few or not known.total:
        return None
    place = int(known.counts.argmax())
    return int(known.values[place]) if known.counts[place] > most * tokens.total else None


def count_values(source: ArraySource) -> ValueCounts:
    """Count the whole numbers of an array, a block of rows at a time, in bounded memory."""
    if source.kind in ("text", "bytes"):
        return _count_words(source)
    rows = max(1, min(_BLOCK_BYTES // max(source.row_bytes, 1), len(source)))
    tally, missing, fractional, complete = dict[int, int](), 0, 0, True
    table = np.zeros(0, np.int64)
    for start in range(0, len(source), rows):
        block = _joined(source.read(start, min(start + rows, len(source))))
        whole, lost, odd = _whole(block)
        missing, fractional = missing + lost, fractional + odd
        if whole.size and int(whole.min()) >= 0 and int(whole.max()) < _WIDEST:
            table = _added(table, np.bincount(whole))
        else:
            complete = _tallied(tally, whole) and complete
    return _counts(source, table, tally, missing=missing, fractional=fractional, complete=complete)


def counts_of(array: NDArray[np.generic], *, name: str = "labels", where: str = "labels") -> ValueCounts:
    """Return the counts of an array in memory."""
    from traindx.arrays import MemorySource

    return count_values(MemorySource(array, name=name, where=where))


def _joined(block: NDArray[Any]) -> NDArray[Any]:
    """Return a block as one line of numbers; lists, which stand in object arrays, one after the other."""
    if block.dtype != np.object_:
        return block.ravel()
    lists = [np.asarray(row) for row in block.ravel() if row is not None]
    return np.concatenate(lists) if lists else np.zeros(0, np.int64)


def _count_words(source: ArraySource) -> ValueCounts:
    """Count texts that name classes, numbered in the order of their names."""
    tally: Counter[str] = Counter()
    missing, complete = 0, True
    for start in range(0, len(source), _WORD_ROWS):
        for word in source.read(start, min(start + _WORD_ROWS, len(source))).ravel():
            text = word.decode("utf-8", "replace") if isinstance(word, bytes) else word
            if not text:
                missing += 1
            elif text in tally or len(tally) < _MOST_WORDS:
                tally[str(text)] += 1
            else:
                complete = False
    names = sorted(tally)
    return ValueCounts(
        name=source.name,
        where=source.where,
        values=np.arange(len(names), dtype=np.int64),
        counts=np.array([tally[name] for name in names], np.int64),
        missing=missing,
        complete=complete,
        names=dict(enumerate(names)),
    )


def _whole(block: NDArray[np.generic]) -> tuple[Integers, int, int]:
    """Return the whole numbers of a block, and how many entries are no number and no whole one."""
    if block.dtype.kind in "biu":
        if block.dtype == np.uint64:  # ids beyond 2^63 are outside every vocabulary, whichever they are
            block = np.minimum(block, np.uint64(np.iinfo(np.int64).max))
        return block.astype(np.int64), 0, 0
    numbers = block.astype(np.float64)
    finite = numbers[np.isfinite(numbers)]
    whole = finite[(finite == np.floor(finite)) & (np.abs(finite) < 2.0**62)]
    return whole.astype(np.int64), numbers.size - finite.size, finite.size - whole.size


def _added(table: Integers, more: Integers) -> Integers:
    if more.size > table.size:
        table, more = more.astype(np.int64), table
    table[: more.size] += more
    return table


def _tallied(tally: dict[int, int], whole: Integers) -> bool:
    values, counts = np.unique(whole, return_counts=True)
    for value, count in zip(values.tolist(), counts.tolist(), strict=True):
        if value in tally or len(tally) < _MOST_DISTINCT:
            tally[value] = tally.get(value, 0) + count
    return len(tally) < _MOST_DISTINCT


def _counts(
    source: ArraySource, table: Integers, tally: dict[int, int], *, missing: int, fractional: int, complete: bool
) -> ValueCounts:
    seen = np.flatnonzero(table)
    for value in seen.tolist() if tally else ():
        tally[value] = tally.get(value, 0) + int(table[value])
    values = np.array(sorted(tally), np.int64) if tally else seen.astype(np.int64)
    counts = np.array([tally[v] for v in values.tolist()], np.int64) if tally else table[seen]
    return ValueCounts(
        name=source.name,
        where=source.where,
        values=values,
        counts=counts,
        missing=missing,
        fractional=fractional,
        is_float=source.dtype.kind == "f",
        complete=complete,
    )

"""Groups of rows (games, patients, trajectories) that were cut in two by the split."""

from __future__ import annotations

from typing import Any

from traindx.arrays import ArraySource
from traindx.dataset.overlap.content import alike
from traindx.dataset.overlap.exact import equality
from traindx.dataset.overlap.matching import BUDGET_BYTES
from traindx.dataset.overlap.overlap import SharedGroups

_CHARACTERS = 40


def shared_groups(
    train: ArraySource, other: ArraySource, *, threads: int = 1, budget_bytes: int = BUDGET_BYTES
) -> SharedGroups:
    """Return which values of a grouping column stand in both splits, and how many rows they take with them."""
    found = equality(*alike([train], [other]), what=train.name, threads=threads, budget_bytes=budget_bytes)
    return SharedGroups(
        what=train.name or train.where,
        shared=found.shared,
        other_groups=found.other_rows - found.other_copies,
        train_groups=found.train_rows - found.train_copies,
        other_rows_affected=found.leaked,
        other_rows=found.other_rows,
        train_rows_affected=found.leaked_train,
        train_rows=found.train_rows,
        examples=tuple(shown(train.read(row, row + 1)[0]) for row, _ in found.examples),
    )


def shown(value: Any) -> str:
    """Return a value of a file as a short text of one line.

    >>> shown("game 12"), shown(3)
    ("'game 12'", '3')
    """
    item = value.item() if hasattr(value, "item") and getattr(value, "size", 2) == 1 else value
    text = repr(item)
    return text if len(text) <= _CHARACTERS else text[: _CHARACTERS - 3] + "..."

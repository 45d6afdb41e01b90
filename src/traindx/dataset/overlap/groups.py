"""Which rows of one source are the same, for whoever has to know: a loss over a batch, a ranking over a gallery."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from traindx.arrays import ArraySource
from traindx.dataset.overlap.content import content
from traindx.dataset.overlap.matching import BUDGET_BYTES, Groups, matching_rows, rising_order


def duplicate_groups(
    source: ArraySource | Sequence[ArraySource], *, threads: int = 1, budget_bytes: int = BUDGET_BYTES
) -> Groups:
    """Return the groups of rows with equal content, in the order of their first rows; takes 16 bytes for each row in a group.

    Rows of several sources are equal where all of them are. Text is compared normalised (Unicode NFC, case, whitespace), numbers with one zero and one NaN.

    >>> from traindx.arrays import MemorySource
    >>> captions = np.array(["a dog", "A  dog", "a cat"], dtype=object)
    >>> duplicate_groups(MemorySource(captions, kind="text")).members.tolist()
    [0, 1]
    """
    return joined(list(matching_rows(content(source), threads=threads, budget_bytes=budget_bytes)))


def joined(parts: Sequence[Groups]) -> Groups:
    """Return the groups of all parts, in the order of their first rows."""
    sizes = np.concatenate([part.sizes for part in parts]) if parts else np.empty(0, np.int64)
    members = np.concatenate([part.members for part in parts]) if parts else np.empty(0, np.int64)
    starts = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
    if len(starts) == 1:
        return Groups(members, starts)
    order = rising_order(members[starts[:-1]])
    ends = np.cumsum(sizes[order])
    within = np.arange(len(members)) - np.repeat(ends - sizes[order], sizes[order])
    return Groups(members[np.repeat(starts[:-1][order], sizes[order]) + within], np.concatenate(([0], ends)))

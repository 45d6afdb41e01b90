"""Points of one series as they are found, before they are joined into one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from traindx.readers.text.shape import Statistic
from traindx.run import Floats


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Points:
    """Values of one name from lines of one form.

    ``steps`` holds NaN where the lines tell none. ``signature`` are all names printed on such a line; ``anchored``
    where the lines print a counter themselves.
    """

    name: str
    lines: NDArray[np.int64]
    values: Floats
    steps: Floats
    epochs: Floats
    times: Floats
    sure: bool
    anchored: bool
    signature: tuple[str, ...]
    tag: str = ""
    rank: int = 0
    percent: bool = False
    statistic: Statistic = "value"
    by_epoch: bool = False

    def __len__(self) -> int:
        return len(self.lines)

    def take(self, which: NDArray[np.bool_]) -> Points:
        """Return the points that ``which`` selects."""
        return self.renamed(self.name, which)

    def renamed(self, name: str, which: NDArray[np.bool_] | slice = slice(None)) -> Points:
        """Return the points that ``which`` selects, under another name."""
        return Points(
            name=name, lines=self.lines[which], values=self.values[which], steps=self.steps[which],
            epochs=self.epochs[which], times=self.times[which], sure=self.sure, anchored=self.anchored,
            signature=self.signature, tag=self.tag, rank=self.rank, percent=self.percent, statistic=self.statistic,
            by_epoch=self.by_epoch,
        )  # fmt: skip


def joined(parts: Sequence[Points]) -> Points:
    """Return the points of all ``parts`` in the order of the file."""
    first = parts[0]
    if len(parts) == 1:
        return first
    lines = np.concatenate([part.lines for part in parts])
    order = np.argsort(lines, kind="stable")

    def both(arrays: Iterable[NDArray[np.float64]]) -> Floats:
        return np.concatenate(list(arrays))[order]

    return Points(
        name=first.name, lines=lines[order], values=both(p.values for p in parts), steps=both(p.steps for p in parts),
        epochs=both(p.epochs for p in parts), times=both(p.times for p in parts), sure=any(p.sure for p in parts),
        anchored=any(p.anchored for p in parts), signature=first.signature, tag=first.tag, rank=first.rank,
        percent=any(p.percent for p in parts), statistic=first.statistic, by_epoch=all(p.by_epoch for p in parts),
    )  # fmt: skip

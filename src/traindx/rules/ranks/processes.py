"""Series that several processes of one training have each logged: shared by the rules on ranks."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

import numpy as np

from traindx.context import Reading
from traindx.run import Floats, Series

_RANK = re.compile(r"(?:^| )rank (\d{1,6})$")
_SUFFIX = re.compile(r" \[rank \d{1,6}\]$")


def of_ranks(readings: Sequence[Reading], kinds: Collection[str]) -> dict[str, dict[int, Series]]:
    """Return series of some kinds that are told apart by ranks: name without rank -> rank -> series."""
    found: dict[str, dict[int, Series]] = {}
    for reading in readings:
        rank = _RANK.search(reading.role.part)
        if rank is not None and reading.role.kind in kinds and len(reading.series):
            found.setdefault(_SUFFIX.sub("", reading.name), {})[int(rank[1])] = reading.series
    return found


def late_half(series: Series) -> Floats:
    """Return the finite values of the second half: start-up differs from process to process."""
    late = series.values[len(series) // 2 :]
    return late[np.isfinite(late)]

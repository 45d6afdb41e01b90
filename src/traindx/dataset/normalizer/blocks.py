"""The rows of sources and files, with their groups and masks, a block at a time."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from traindx.arrays import ArraySource, MemorySource, open_array
from traindx.dataset.normalizer.families import as_numpy
from traindx.dataset.normalizer.fitting import Fitting
from traindx.errors import UsageError

_BLOCK_BYTES = 1 << 24
"""What is read at a time, at least one whole chunk of the file."""


def fit_file(fitting: Fitting, path: str | PathLike[str], *, key: str, group: object, mask: object) -> None:
    """Fit on an array of a file; group and mask are names of other arrays in it, arrays, or None."""
    source = open_array(Path(path), key)
    beside = [open_array(Path(path), other) if isinstance(other, str) else other for other in (group, mask)]
    fit_source(fitting, source, group=beside[0], mask=beside[1])


def fit_source(fitting: Fitting, source: ArraySource, *, group: object, mask: object) -> None:
    """Fit on a source; group and mask are sources or arrays of as many rows, or None."""
    others = [_beside(other, source, what) for other, what in ((group, "groups"), (mask, "mask rows"))]
    step = max(1, _BLOCK_BYTES // max(1, source.row_bytes))
    step = max(1, step // source.block_rows) * source.block_rows
    for start in range(0, len(source), step):
        stop = min(start + step, len(source))
        labels, cover = (None if other is None else other.read(start, stop) for other in others)
        fitting.update(source.read(start, stop), group=labels, mask=cover)


def _beside(other: object, source: ArraySource, what: str) -> ArraySource | None:
    if other is None:
        return None
    found = other if isinstance(other, ArraySource) else MemorySource(as_numpy(other))
    if len(found) != len(source):
        raise UsageError(f"{len(source)} rows and {len(found)} {what}", where=source.where)
    return found

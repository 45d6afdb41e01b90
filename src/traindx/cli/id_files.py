"""Files with one id for each row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from traindx.arrays import open_array
from traindx.errors import UnreadableDataError, UsageError

_MOST_BYTES = 1 << 30
_TEXT = {".txt", ".csv", ".tsv", ".ids", ""}


def ids_of(path: str) -> NDArray[Any]:
    """Return one id for each row: the lines of a text file, or a one-dimensional array of numbers or text."""
    if Path(path).suffix.lower() in _TEXT and "::" not in path:
        return np.array([line.strip() for line in _text(path).splitlines() if line.strip()])
    source = open_array(path)
    if len(source.shape) != 1:
        raise UnreadableDataError(f"one id for each row is needed, and not the shape {source.shape}", where=path)
    found = source.read(0, len(source))
    return found.astype(str) if found.dtype == object else found


def _text(path: str) -> str:
    file = Path(path)
    if not file.is_file():
        raise UsageError("no such file", where=path)
    if file.stat().st_size > _MOST_BYTES:
        raise UnreadableDataError("larger than 1 GiB of text", where=path, hint="give the ids as an array (.npy)")
    return file.read_text(encoding="utf-8", errors="replace")

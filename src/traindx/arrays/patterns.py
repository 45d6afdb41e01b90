"""Paths that stand for several files: ``train-*.parquet``, ``train-{0000..0012}.tar``."""

from __future__ import annotations

import glob
import re
from pathlib import Path
from typing import Final

from traindx.arrays.formats.shards import in_order
from traindx.errors import UsageError

_RANGE: Final = re.compile(r"\{(\d{1,12})\.\.(\d{1,12})\}")
_MOST_FILES: Final = 100_000


def files_of(pattern: str) -> list[Path]:
    """Return the files that a pattern stands for, none where it is no pattern. Raises ``UsageError`` for files of a range that are missing."""
    if found := _RANGE.search(pattern):
        first, last = int(found[1]), int(found[2])
        if last - first >= _MOST_FILES:
            raise UsageError(f"stands for more than {_MOST_FILES:,} files", where=pattern)
        numbers = (str(number).zfill(len(found[1])) for number in range(first, last + 1))
        files = [Path(pattern[: found.start()] + number + pattern[found.end() :]) for number in numbers]
        missing = next((file for file in files if not file.is_file()), None)
        if missing is not None:
            raise UsageError("no such file", where=str(missing))
        return files
    if not any(mark in pattern for mark in "*?["):
        return []
    return in_order(file for file in map(Path, glob.iglob(pattern)) if file.is_file())

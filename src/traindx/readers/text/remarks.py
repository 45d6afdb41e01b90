"""Things worth telling that are not numbers: overflow warnings, tracebacks, restarts, kills."""

from __future__ import annotations

import re
from typing import Final

from traindx.readers.text.lines import Lines

_REMARK: Final = re.compile(
    rb"OVERFLOW|(?i:overflow detected|gradient overflow|grad overflow)|Traceback \(most recent|CUDA out of memory|OutOfMemoryError"
    rb"|(?m:^Killed\b)|(?i:\bresum(?:ed?|ing) (?:from|training)|restarting|loading checkpoint from|continuing from (?:checkpoint|iteration)"
    rb"|skipping step|loss is nan|nan detected|early stopping)|KeyboardInterrupt|Segmentation fault|NCCL (?:error|timeout)|DUE TO TIME LIMIT"
    rb"|={4,} Training Loss"
)
_MOST: Final = 50
_WIDEST: Final = 160


def remarks_of(lines: Lines, path: str) -> tuple[str, ...]:
    """Return up to 50 such lines, each with its place."""
    found: dict[int, str] = {}
    for match in _REMARK.finditer(lines.data):
        index = int(lines.starts.searchsorted(match.start(), side="right")) - 1
        if index not in found:
            found[index] = f"{path}:{lines.records[index]}: {' '.join(lines.raw(index)[:2000].decode('utf-8', 'replace').split())}"
        if len(found) >= _MOST:
            break
    return tuple(text if len(text) <= _WIDEST else text[: _WIDEST - 3] + "..." for text in found.values())

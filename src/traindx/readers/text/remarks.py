"""Things worth telling that are not numbers: overflow warnings, tracebacks, restarts, kills."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from traindx.readers.text.lines import Lines
from traindx.readers.text.templates import Batch

_REMARK: Final = re.compile(
    rb"OVERFLOW|(?i:overflow detected|gradient overflow|grad overflow)|Traceback \(most recent|CUDA out of memory|OutOfMemoryError"
    rb"|(?m:^Killed\b)|(?i:\bresum(?:ed?|ing) (?:from|training)|restarting|loading checkpoint from|continuing from (?:checkpoint|iteration)"
    rb"|skipping step|loss is nan|nan detected|early stopping)|KeyboardInterrupt|Segmentation fault|NCCL (?:error|timeout)|slurmstepd: error|DUE TO TIME LIMIT"
    rb"|={4,} Training Loss"
)
_MOST: Final = 50
_WIDEST: Final = 160
_LOOKED_AT: Final = 2000


def remarks_of(lines: Lines, batches: Sequence[Batch], path: str) -> tuple[str, ...]:
    """Return up to 50 such lines, each with its place; lines of one form are judged by their first."""
    at: list[int] = []
    for batch in batches:
        if _REMARK.search(lines.raw(int(batch.lines[0])), 0, _LOOKED_AT) is not None:
            at.extend(batch.lines[:_MOST].tolist())
    return tuple(_remark(lines, index, path) for index in sorted(at)[:_MOST])


def _remark(lines: Lines, index: int, path: str) -> str:
    words = " ".join(lines.raw(index)[:_LOOKED_AT].decode("utf-8", "replace").split())
    text = f"{path}:{lines.records[index]}: {words}"
    return text if len(text) <= _WIDEST else text[: _WIDEST - 3] + "..."

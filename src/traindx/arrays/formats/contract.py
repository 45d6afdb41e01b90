"""What a format of arrays is: how to recognise it, and how to open it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import final

from traindx.arrays.source import ArraySource


@final
@dataclass(frozen=True, slots=True)
class ArrayFormat:
    """One format.

    ``recognises`` looks at the path and the first bytes (none of a directory), is quick and never raises; ``open`` yields every array, without
    reading its values, or raises ``UnreadableDataError`` that names the file.
    """

    name: str
    recognises: Callable[[Path, bytes], bool]
    open: Callable[[Path], Iterable[ArraySource]]

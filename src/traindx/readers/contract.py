"""What every reader is: one format, recognised from a path and first bytes, read into runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import final

from traindx.readers.logfile import LogFile
from traindx.run import Run


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """One log format.

    ``recognises`` looks at path and first bytes only, is fast, and never raises. ``read`` returns the runs of the file
    (nearly always one) or raises ``UnreadableLogError`` with ``file:line`` and a hint. A file that this reader
    recognises but that holds no number gives a run without series: the engine then answers "inconclusive".
    ``alone`` says that nobody else can make sense of a file that this reader recognises.
    """

    name: str
    recognises: Callable[[LogFile], bool]
    read: Callable[[LogFile], list[Run]]
    alone: bool = False

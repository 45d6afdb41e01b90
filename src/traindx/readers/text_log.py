"""The text that any program prints: metrics found wherever they stand, at the steps that the text tells.

The last reader that is asked. It knows no program by name: a line is reduced to its form, the form is read once with
care, and all lines of that form are then read in bulk.
"""

from __future__ import annotations

from traindx.readers.contract import Reader
from traindx.readers.logfile import LogFile
from traindx.readers.text.reading import read_text
from traindx.run import Run


def recognises(log: LogFile) -> bool:
    """Whether the file looks like text: no zero byte, few control characters."""
    head = log.head.lstrip(b"\0")[:8192]  # NULs stand where a log was emptied while it was written
    control = sum(byte < 9 or 13 < byte < 27 or 27 < byte < 32 for byte in head if byte != 8)
    return bool(head) and b"\0" not in head and control <= 0.02 * len(head)


def read(log: LogFile) -> list[Run]:
    """Return the runs that the text tells; raises ``UnreadableLogError`` where no metric is found."""
    return read_text(log)


READER = Reader(name="text", recognises=recognises, read=read)

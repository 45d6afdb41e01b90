"""What a program printed, kept as a log: whole lines, of both its streams, in the order in which they came."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, final

# Reading a text takes about six times its size in memory, and trainings print far less than this.
MOST_BYTES: Final = 128 << 20
_LONGEST_LINE: Final = 1 << 16  # what has no end by then is written as it is


@final
class KeptOutput:
    """A file that grows by whole lines: a line of one stream is never cut by the other one's."""

    def __init__(self, path: Path, most_bytes: int = MOST_BYTES) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
        self._begun: dict[int, bytes] = {}
        self._left = most_bytes
        self.problem = ""

    def add(self, stream: int, data: bytes) -> None:
        """Add what came from a stream. Never raises: where it cannot be written, ``problem`` says why, and nothing more is kept."""
        if self.problem:
            return
        begun = self._begun.pop(stream, b"")
        cut = max(data.rfind(b"\n"), data.rfind(b"\r")) + 1
        if not cut and len(begun) + len(data) <= _LONGEST_LINE:
            self._begun[stream] = begun + data
            return
        cut = cut or len(data)
        if cut < len(data):
            self._begun[stream] = data[cut:]
        self._write(begun, data if cut == len(data) else memoryview(data)[:cut])

    def close(self) -> None:
        """Write what has no end of line, and close the file."""
        for begun in self._begun.values():
            self._write(begun, b"")
        os.close(self._file)

    def _write(self, *parts: bytes | memoryview) -> None:
        size = sum(map(len, parts))
        if size > self._left:
            self.problem = (
                f"the log has {MOST_BYTES >> 20} MiB and grows no further: what is printed from now on is not judged"
            )
            return
        try:
            for part in parts:
                left = memoryview(part)
                while left:
                    left = left[os.write(self._file, left) :]
        except OSError as error:
            self.problem = f"cannot write {self.path}: {(error.strerror or str(error)).lower()}; what is printed from now on is not judged"
        self._left -= size

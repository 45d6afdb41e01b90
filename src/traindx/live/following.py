"""Following a growing file or directory of any format: what was read once is not read again."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, final

from traindx.errors import UsageError
from traindx.live.followed_file import FollowedFile
from traindx.readers import Fingerprint, fingerprint, read_path
from traindx.run import Run

# The share of time that reading may take. What cannot be read on is read whole, so the more there is the more seldom.
READING_SHARE: Final = 0.1
_MOST_FILES: Final = 4096  # that are remembered; of the others each reading is a first one


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a look at a growing path found.

    ``runs`` are those of ``traindx.read(path)``. ``new`` is False where nothing has changed since the look before.
    ``next_s`` is how many seconds the next look would have nothing new for: 0 unless reading is slow.
    """

    runs: tuple[Run, ...]
    new: bool
    next_s: float = 0.0


@final
class Following:
    """A path that grows: a file of any format, or a directory of them, where files may appear, be replaced or go.

    Each look gives the runs that reading the path afresh gives. Event files, tables and lines of JSON are read on from where
    they ended. Other formats are read whole again when they have changed, and then reading takes no more than the
    share ``share`` of the time: a log that takes a second to read is read every ten.
    """

    def __init__(
        self, path: str | os.PathLike[str], *, share: float = READING_SHARE, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.path = os.fspath(path)
        if self.path == "-" or "://" in self.path:
            raise UsageError(
                "only files and directories of this machine can be followed",
                where=self.path,
                hint="traindx run -- PROGRAM judges what a program prints",
            )
        if _is_no_file(self.path):
            raise UsageError(
                "a pipe or a device cannot be followed",
                where=self.path,
                hint="write it to a file: COMMAND | tee FILE",
            )
        self._share, self._clock = share, clock
        self._files: dict[str, FollowedFile] = {}
        self._seen: set[str] = set()
        self._print: Fingerprint | None = None
        self._runs: tuple[Run, ...] = ()
        self._not_before = float("-inf")

    def look(self, *, now: bool = False) -> Look:
        """Return the runs as they are; ``now`` says that it may take whatever time it takes.

        Raises ``UnreadableLogError`` where there is nothing to read (yet, or any more).
        """
        begun = self._clock()
        if begun < self._not_before and not now:
            return Look(runs=self._runs, new=False, next_s=self._not_before - begun)
        found = fingerprint(self.path)  # before the reading: what is written meanwhile shows at the next look
        if found == self._print:
            return Look(runs=self._runs, new=False)
        self._print = None
        self._seen = set()
        self._runs = tuple(read_path(self.path, reading=self._read))
        self._print = found
        self._files = {path: file for path, file in self._files.items() if path in self._seen}
        done = self._clock()
        self._not_before = done + (done - begun) / self._share if self._share > 0 else done
        return Look(runs=self._runs, new=True, next_s=self._not_before - done)

    @property
    def times_read_whole(self) -> int:
        """How many times a file of the path, as it is now, was read from its beginning to its end."""
        return sum(file.read_whole for file in self._files.values())

    def forget(self) -> None:
        """Read everything afresh at the next look."""
        self._files, self._print, self._not_before = {}, None, float("-inf")

    def _read(self, path: str) -> list[Run]:
        self._seen.add(path)
        if path not in self._files and len(self._files) < _MOST_FILES:
            self._files[path] = FollowedFile(path)
        return (self._files.get(path) or FollowedFile(path)).runs()


def _is_no_file(path: str) -> bool:
    """Whether a path is there and neither file nor directory: reading it may wait for ever, or never end."""
    try:
        kind = os.stat(path).st_mode
    except (OSError, ValueError):
        return False
    return not (stat.S_ISREG(kind) or stat.S_ISDIR(kind))

"""An event file that only ever holds whole records, whatever happens to the disk below it."""

from __future__ import annotations

import errno
import os
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, final

from traindx.live.event_bytes import first_record

MOST_KEPT: Final = 4 << 20
"""Bytes of records that are kept in memory while they cannot be written: about 25,000 steps of five numbers."""

_RETRY_S: Final = 1.0  # between two attempts to write what was kept
_LOOKED_THROUGH: Final = 1 << 20  # bytes at the end of the file in which a torn record is looked for
_COPIED: Final = 1 << 20
_FLAGS: Final = (
    os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
)


@final
class EventFile:
    """One event file in ``directory``, which is made where it is missing.

    A record is one ``write`` to a file opened for appending: once that has returned, the operating system holds the record
    whatever becomes of this process, and records of several threads do not mix. Where one cannot be written whole, what was
    written of it is cut off again, and it is kept with all that follow until the disk takes them. ``warn`` is told each kind
    of trouble; ``after_removal`` is called when a folder that was removed has been made again.

    ``descriptor`` is for whoever writes records on the quick path; -1, so that writing fails, while records are being kept.
    """

    def __init__(
        self,
        directory: Path,
        warn: Callable[[str, str], None],
        after_removal: Callable[[], None] = lambda: None,
        *,
        active: bool = True,
    ) -> None:
        self.descriptor = -1
        self.closed = not active
        self.begun = False  # whether there is, or was, a file
        self._opened = -1
        self._directory = directory
        self._name = ""
        self._warn, self._after_removal = warn, after_removal
        self._kept: deque[bytes] = deque()
        self._kept_size = 0
        self._try_at = 0.0
        self._lock = threading.RLock()
        if active:
            self._open()
            self.descriptor = self._opened

    @property
    def path(self) -> Path:
        """Where the file lies, or will lie."""
        return self._directory / self._name

    def append(self, record: bytes) -> None:
        """Write one record, or keep it."""
        try:
            written = os.write(self.descriptor, record)
        except OSError as error:
            self.failed(record, 0, error)
            return
        if written != len(record):
            self.failed(record, written)

    def failed(self, record: bytes, written: int, error: OSError | None = None) -> None:
        """Keep a record of which only ``written`` bytes were written, after cutting these off again."""
        with self._lock:
            if self.closed:
                return
            if error is not None and error.errno == errno.EBADF and self.descriptor >= 0:
                written, error = self._once_more(record)  # another thread had the file in hand, and is done
                if written == len(record):
                    return
            fresh, self.descriptor = self.descriptor >= 0, -1
            if written:
                self._cut_off(record[:written])
            self._keep(record)
            if fresh:
                self._try_at = time.monotonic() + _RETRY_S
                self._warn_of(error or OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
        self.attend()

    def _once_more(self, record: bytes) -> tuple[int, OSError | None]:
        try:
            return os.write(self.descriptor, record), None
        except OSError as error:
            return 0, error

    def attend(self, *, at_once: bool = False) -> None:
        """See after the file, as is done every second or so: write what was kept, and put back what was removed."""
        with self._lock:
            if self.closed or (time.monotonic() < self._try_at and not at_once):
                return
            if self._opened >= 0 and self._removed():
                self._put_back()
            if self.descriptor < 0:
                self._try_at = time.monotonic() + _RETRY_S
                self._retry()

    def flush(self) -> None:
        """Write what was kept, and have the operating system put all on the disk itself."""
        with self._lock:
            self._try_at = 0.0
            self.attend()
            if self.descriptor >= 0:
                os.fsync(self.descriptor)

    def close(self) -> None:
        """Write what was kept if that is possible now, and close the file; again does nothing."""
        with self._lock:
            self._try_at = 0.0
            self.attend()
            self.abandon()

    def abandon(self) -> None:
        """Let go of the file as it is: in a forked process, it belongs to the other one."""
        self._lock = threading.RLock()
        self.closed, self.descriptor = True, -1
        self._kept.clear()
        if self._opened >= 0:
            os.close(self._opened)
            self._opened = -1

    def _keep(self, record: bytes) -> None:
        self._kept.append(record)
        self._kept_size += len(record)
        while self._kept_size > MOST_KEPT:
            self._kept_size -= len(self._kept.popleft())

    def _open(self) -> None:
        """Begin a file of a new name; where that is not possible now, it is tried again later."""
        self._name = f"events.out.tfevents.{int(time.time())}.{_host()}.{os.getpid()}.{time.monotonic_ns()}"
        self._try_at = time.monotonic() + _RETRY_S
        opened = -1
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            opened = os.open(self.path, _FLAGS, 0o644)
            _begin(opened)
        except OSError as error:
            if opened >= 0:
                _let_go(opened, self.path)
            self._warn_of(error)
            return
        self._opened, self.begun = opened, True

    def _retry(self) -> None:
        """Write what was kept, oldest first, as far as the disk takes it; then records go to the file again."""
        if self._opened < 0:
            self._open()
        while self._kept and self._opened >= 0:
            record = self._kept[0]
            try:
                written = os.write(self._opened, record)
            except OSError as error:
                if error.errno != errno.EBADF:
                    return
                self._opened = -1  # somebody closed it, as programs do that turn into a service
                self._open()
                continue
            if written != len(record):
                self._cut_off(record[:written])
                return
            self._kept_size -= len(self._kept.popleft())
        self.descriptor = self._opened

    def _cut_off(self, torn: bytes) -> None:
        """Take the beginning of a record out of the end of the file; where even that fails, go on in another file."""
        try:
            size = os.fstat(self._opened).st_size
            start = max(size - _LOOKED_THROUGH, 0)
            os.lseek(self._opened, start, os.SEEK_SET)
            end = os.read(self._opened, size - start)
            at = end.rfind(torn)
            os.ftruncate(self._opened, start + at)
            os.write(
                self._opened, end[at + len(torn) :]
            )  # what another thread has written behind it; there is room now
        except OSError:
            os.close(self._opened)
            self._opened = -1

    def _removed(self) -> bool:
        try:
            return os.fstat(self._opened).st_nlink == 0
        except OSError:
            return False

    def _put_back(self) -> None:
        """Make the folder and the file anew, with all that the removed file holds: it is there until it is closed."""
        old, self._opened = self._opened, -1
        self.descriptor = -1
        self._open()
        try:
            if self._opened >= 0:
                os.ftruncate(self._opened, 0)
                os.lseek(old, 0, os.SEEK_SET)
                while piece := os.read(old, _COPIED):
                    os.write(self._opened, piece)
        except OSError as error:
            self._warn_of(error)
        os.close(old)
        self._after_removal()
        self._warn("removed", f"the folder {self._directory} was removed while its run goes on: it was made again")

    def _warn_of(self, error: OSError) -> None:
        reason = (error.strerror or str(error)).lower()
        self._warn(
            "disk",
            f"cannot write to {self._directory} ({reason}): the training goes on, and what is logged is kept in memory "
            f"(the last {MOST_KEPT >> 20} MiB) until it can be written",
        )


def _begin(opened: int) -> None:
    head = first_record(time.time())
    if os.write(opened, head) != len(head):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _let_go(opened: int, path: Path) -> None:
    """Close and remove a file that could not be begun."""
    with suppress(OSError):
        os.close(opened)
        path.unlink()


def _host() -> str:
    return "".join(letter if letter.isalnum() or letter in "-." else "_" for letter in socket.gethostname()) or "host"

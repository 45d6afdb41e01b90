"""What tells, without reading anything, that a path may be read differently now: names, sizes and times of its files."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator
from typing import Final

from traindx.errors import UnreadableLogError
from traindx.readers.beside import shallow
from traindx.readers.folders import checkpoints_of, settings_of
from traindx.readers.walk import Folder, walk

# Of each file its path, device, inode, size and time of change in nanoseconds; only the path where it is not there.
Fingerprint = tuple[tuple[str, int, int, int, int], ...]

_JOURNALS: Final = ("-wal",)  # SQLite keeps beside a database what it has not yet put into it


def fingerprint(path: str) -> Fingerprint:
    """Return what a reading of ``path`` depends on. It is the same as long as nobody writes there; it never raises."""
    try:
        return tuple(_one(name) for name in _files_of(os.path.expanduser(path)))
    except UnreadableLogError as error:
        return ((str(error), 0, 0, 0, 0),)


def _files_of(path: str) -> Iterator[str]:
    if os.path.isdir(path):
        yield from _below(walk(path))
    elif glob.has_magic(path) and not os.path.lexists(path):
        for found in sorted(glob.glob(path, recursive=True)):
            yield from _files_of(found)
    else:
        yield from _with_journals([path])
        folder = shallow(os.path.dirname(path) or ".", depth=1)
        yield from settings_of(folder)
        yield from (checkpoint.path for checkpoint in checkpoints_of(folder))


def _below(folder: Folder) -> Iterator[str]:
    yield from _with_journals(map(folder.file, folder.files))
    for inner in folder.folders.values():
        yield inner.path
        yield from _below(inner)


def _with_journals(paths: Iterable[str]) -> Iterator[str]:
    for path in paths:
        yield path
        if path.endswith((".db", ".sqlite", ".sqlite3")):
            yield from (path + ending for ending in _JOURNALS)


def _one(path: str) -> tuple[str, int, int, int, int]:
    try:
        found = os.stat(path)
    except OSError:
        return path, 0, 0, 0, 0
    return path, found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns

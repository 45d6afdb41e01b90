"""A directory tree as names and sizes, bounded in depth and in number of files."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Final, final

from traindx.errors import UnreadableLogError

MAX_DEPTH: Final = 16
MAX_ENTRIES: Final = 200_000
_SKIPPED: Final = frozenset(
    (
        "node_modules",
        "__pycache__",
        "site-packages",
        "venv",
        "env",
        "cache",
        "caches",
        "media",
        "artifacts",
        "code",
        "src",
    )
)
_HIDDEN_BUT_READ: Final = frozenset((".hydra",))


@final
@dataclass(slots=True)
class Folder:
    """One directory: the names and sizes of its files, and its sub-folders by name, both sorted."""

    path: str
    files: dict[str, int] = field(default_factory=dict)
    folders: dict[str, Folder] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The last part of the path."""
        return PurePath(self.path).name

    def file(self, name: str) -> str:
        """Return the path of the file ``name``."""
        return os.path.join(self.path, name)


def walk(root: str) -> Folder:
    """Return the tree below ``root``.

    Links to directories are not followed; hidden, cached and version-control folders are left out. Raises
    ``UnreadableLogError`` where the directory cannot be listed or holds more than ``MAX_ENTRIES`` entries.
    """
    budget = [MAX_ENTRIES]
    try:
        return _walk(root, 0, budget)
    except OSError as error:
        raise UnreadableLogError(f"cannot list the directory: {(error.strerror or '').lower()}", where=root) from error


def _walk(path: str, depth: int, budget: list[int]) -> Folder:
    folder = Folder(path)
    with os.scandir(path) as listing:
        entries = sorted(listing, key=lambda entry: entry.name)
    budget[0] -= len(entries)
    if budget[0] < 0:
        raise UnreadableLogError(
            f"more than {MAX_ENTRIES:,} files below this directory", where=path, hint="give the directory of one run"
        )
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            if depth < MAX_DEPTH and _is_read(entry.name):
                folder.folders[entry.name] = _listed(entry.path, depth + 1, budget)
        elif entry.is_file():
            folder.files[entry.name] = entry.stat().st_size
    return folder


def _listed(path: str, depth: int, budget: list[int]) -> Folder:
    """A sub-folder that may not be listed counts as empty."""
    try:
        return _walk(path, depth, budget)
    except OSError:
        return Folder(path)


def _is_read(name: str) -> bool:
    return name in _HIDDEN_BUT_READ or not (name.startswith(".") or name.lower() in _SKIPPED)

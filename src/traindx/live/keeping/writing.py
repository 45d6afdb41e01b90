"""Files and folders that are whole or not there: written beside, forced to the disk, and moved into place."""

from __future__ import annotations

import os
import re
import shutil
import socket
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

Saver = Callable[[Path], object]
_BESIDE: Final = ".saving-"


def save_as(saver: Saver, home: Path, names: Sequence[str]) -> list[Path]:
    """Let ``saver`` write once, and return the paths of the result under each of ``names`` in ``home``.

    What lay there stays as it was until the new one is whole on the disk. The further names are hard links where the filesystem
    has them. Raises what the saver raises, and ``OSError``; then nothing is left behind.
    """
    home.mkdir(parents=True, exist_ok=True)
    with _beside(home) as room:
        made = _made(saver, room / names[0])
        force_to_disk(made)
        tail = made.name.removeprefix(names[0])  # what a saver has added to the name, as numpy does
        copies = [_twin(made, room / f"twin{number}") for number, _ in enumerate(names[1:])]
        placed: list[Path] = []
        for one, name in zip((made, *copies), names, strict=True):
            placed.append(_moved(one, home / f"{name}{tail}", room))
    force_to_disk(home, inside=False)
    return placed


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees the old one or the new one."""

    def write(place: Path) -> None:
        place.write_bytes(content)

    save_as(write, path.parent, [path.name])


def remove(path: Path) -> None:
    """Remove a file or a folder that may be gone already."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def force_to_disk(path: Path, *, inside: bool = True) -> None:
    """Have the system write a file, or a folder and all that is in it, from its memory to the disk."""
    if inside and path.is_dir():
        for child in path.iterdir():
            if not child.is_symlink():
                force_to_disk(child)
    if path.is_dir() and os.name == "nt":
        return  # no folder can be opened there
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def forget_others(path: Path, name: str) -> None:
    """Remove the checkpoints of the same name and of other steps, those of a process that was killed among them."""
    same = re.compile(rf"{re.escape(name)}-step=\d+(?:\.[A-Za-z0-9]+)*")
    for other in path.parent.iterdir():
        if other != path and same.fullmatch(other.name):
            remove(other)


def forget_broken_off(home: Path) -> None:
    """Remove what processes of this machine that are gone have left half written."""
    for room in home.glob(f"{_BESIDE}{_machine()}-*"):
        process = room.name.rpartition("-")[2]
        if process.isdigit() and int(process) != os.getpid() and not _lives(int(process)):
            remove(room)


@contextmanager
def _beside(home: Path) -> Generator[Path]:
    """A hidden folder on the same filesystem, which no reader of logs and checkpoints enters."""
    room = home / f"{_BESIDE}{_machine()}-{os.getpid()}"
    remove(room)
    room.mkdir()
    try:
        yield room
    finally:
        remove(room)


def _made(saver: Saver, path: Path) -> Path:
    """Return what the saver wrote: ``path``, or the one thing beside it whose name it has lengthened."""
    saver(path)
    if path.exists():
        return path
    found = list(path.parent.glob(f"{path.name}*"))
    if len(found) != 1:
        raise FileNotFoundError(f"the saver wrote nothing at the path that it was given ({path.name})")
    return found[0]


def _twin(made: Path, place: Path) -> Path:
    """The same content under another name: hard links, or copies where there are none."""
    if made.is_dir():
        shutil.copytree(made, place, copy_function=_link_or_copy, symlinks=True)
    else:
        _link_or_copy(str(made), str(place))
    return place


def _link_or_copy(old: str, new: str) -> str:
    try:
        os.link(old, new)
    except OSError:
        shutil.copy2(old, new)
        force_to_disk(Path(new))
    return new


def _moved(one: Path, place: Path, room: Path) -> Path:
    if place.is_dir() and not place.is_symlink():
        place.replace(room / f"old-{place.name}")  # a folder cannot take the place of another at one blow
    one.replace(place)
    return place


def _machine() -> str:
    return "".join(c if c.isalnum() else "_" for c in socket.gethostname())[:40]


def _lives(process: int) -> bool:
    if os.name == "nt":
        return True  # there is no asking without a signal
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True

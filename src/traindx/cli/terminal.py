"""The terminal that a program sees where we stand between it and the real one (POSIX)."""

from __future__ import annotations

import fcntl
import os
import struct
import termios
import tty
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

STDIN: Final = 0
_OFLAG: Final = 1


def is_ours(descriptor: int) -> bool:
    """Whether this is a terminal, and we are its foreground: only then may we read from it and set its mode."""
    try:
        return os.isatty(descriptor) and os.tcgetpgrp(descriptor) == os.getpgrp()
    except OSError:
        return False


def pseudo_terminal(like: int, *, raw: bool) -> tuple[int, int]:
    """Return our end and the program's end of a terminal of the size and mode of ``like``.

    ``raw`` says that the real terminal will take bytes as they are: then ends of lines are made here, as a terminal does;
    otherwise the real one makes them, and here they stay as the program wrote them.
    """
    ours, theirs = os.openpty()
    mode = termios.tcgetattr(like)
    if not raw:
        mode[_OFLAG] &= ~termios.OPOST
    termios.tcsetattr(theirs, termios.TCSANOW, mode)
    copy_size(like, theirs)
    return ours, theirs


def copy_size(source: int, target: int) -> None:
    """Give a terminal the size of another. One that has none keeps its own."""
    try:
        size = fcntl.ioctl(source, termios.TIOCGWINSZ, bytes(struct.calcsize("HHHH")))
        _ = fcntl.ioctl(target, termios.TIOCSWINSZ, size)
    except OSError:
        return


def take_as_own(theirs: int) -> None:
    """Make a terminal the controlling one of this process, which has just begun a session: in the child, before its program."""
    _ = fcntl.ioctl(theirs, termios.TIOCSCTTY, 0)


@contextmanager
def raw_mode(*, wanted: bool) -> Generator[None]:
    """Hand every key to the program as it is typed, Ctrl-C too; restore the terminal whatever happens."""
    if not wanted:
        yield
        return
    before = termios.tcgetattr(STDIN)
    try:
        tty.setraw(STDIN)
        yield
    finally:
        termios.tcsetattr(STDIN, termios.TCSADRAIN, before)

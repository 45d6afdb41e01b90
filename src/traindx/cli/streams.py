"""Standard output and error: encodings, colours, broken pipes. Results go to the one, hints to the other."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

# What the Unicode look draws with: a stream that cannot carry all of it gets ASCII.
_DRAWN = "✖▲●✔─├┤┼│◆·–…┄"
_WIDEST = 100  # longer lines are harder to read than a wrapped one


def write_text(text: str, output: Path | None = None) -> None:
    """Write a text to a file in UTF-8, or to standard output in its encoding, with ``?`` for what that lacks."""
    if output is not None:
        write_bytes(text.encode(errors="replace"), output)
        return
    encoding = encoding_of(sys.stdout)
    write_bytes(text.encode(encoding, "replace"))


def write_bytes(data: bytes, output: Path | None = None) -> None:
    """Write bytes to a file or to standard output. A reader that has gone away is no error."""
    if output is not None:
        output.write_bytes(data)
        return
    stream = sys.stdout.buffer
    try:
        stream.write(data)
        stream.flush()
    except BrokenPipeError:
        close_quietly()


def close_quietly() -> None:
    """Point standard output at nothing, so that Python's own flush at exit cannot complain of a broken pipe."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):  # a stream without a file, as in tests
        return


def complain(problem: str, *, where: str = "", hint: str = "", level: str = "error") -> None:
    """Write a problem and its hint to standard error, with control characters of the problem taken out."""
    from traindx.render.untrusted import clean

    place = f"{where}: " if where else ""
    lines = [f"{level}: {place}{problem}", f"hint: {hint}" if hint else ""]
    encoding = encoding_of(sys.stderr)
    for line in filter(None, lines):
        sys.stderr.write(clean(line).encode(encoding, "backslashreplace").decode(encoding) + "\n")
    sys.stderr.flush()


def encoding_of(stream: TextIO) -> str:
    """Return the encoding of a text stream, UTF-8 where it does not say."""
    return getattr(stream, "encoding", None) or "utf-8"


def carries_drawings(encoding: str) -> bool:
    """Whether every sign of the Unicode look exists in ``encoding``."""
    try:
        _DRAWN.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def wants_colour(flag: bool | None, environment: Mapping[str, str], *, terminal: bool) -> bool:
    """Decide on colour: the flag, NO_COLOR, TERM=dumb, FORCE_COLOR, CLICOLOR, and last whether it is a terminal."""
    if flag is not None:
        return flag
    if environment.get("NO_COLOR") or environment.get("TERM") == "dumb":
        return False
    if environment.get("FORCE_COLOR", "0") != "0" or environment.get("CLICOLOR_FORCE", "0") != "0":
        return True
    return terminal and environment.get("CLICOLOR") != "0"


def width_of(environment: Mapping[str, str], *, terminal: bool) -> int:
    """Return the width to write for: COLUMNS, or the terminal's up to 100, or 80."""
    told = environment.get("COLUMNS", "")
    if told.isascii() and told.isdigit() and int(told[:6]) > 0:
        return min(max(int(told[:6]), 40), 400)
    if not terminal:
        return 80
    try:
        return min(max(os.get_terminal_size(sys.stdout.fileno()).columns, 40), _WIDEST)
    except (OSError, ValueError):
        return 80

"""Standard output and error, and broken pipes. Results go to the one, hints to the other."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from traindx.render import encoding_of


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

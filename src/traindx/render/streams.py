"""What a stream of text can show: its encoding, its colours, its width."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final, TextIO

# What the Unicode look draws with: a stream that cannot carry all of it gets ASCII.
_DRAWN: Final = "✖▲●✔─├┤┼│◆·–…┄"
_WIDEST: Final = 100  # longer lines are harder to read than a wrapped one
_USUAL: Final = 80


def encoding_of(stream: TextIO) -> str:
    """Return the encoding of a text stream, UTF-8 where it does not say."""
    return getattr(stream, "encoding", None) or "utf-8"


def carries_drawings(encoding: str) -> bool:
    """Whether every sign of the Unicode look exists in ``encoding``."""
    try:
        _ = _DRAWN.encode(encoding)
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


def width_of(environment: Mapping[str, str], stream: TextIO, *, terminal: bool) -> int:
    """Return the width to write for: COLUMNS, or that of the stream's terminal up to 100, or 80."""
    told = environment.get("COLUMNS", "")
    if told.isascii() and told.isdigit() and int(told[:6]) > 0:
        return min(max(int(told[:6]), 40), 400)
    if not terminal:
        return _USUAL
    try:
        return min(max(os.get_terminal_size(stream.fileno()).columns, 40), _WIDEST)
    except (OSError, ValueError):
        return _USUAL

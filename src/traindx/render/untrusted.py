"""Text that came out of a log or a path: made harmless before it reaches a terminal or a page.

A metric name is whatever a training script printed. It may carry terminal escapes, direction overrides that make
``cod.exe`` read as ``exe.doc``, or ten thousand characters on one line.
"""

from __future__ import annotations

import re
import unicodedata

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
# Whole sequences first, so that "\x1b[31mred" leaves "red" and not "[31mred".
_ESCAPES = re.compile(
    r"\x1b(?:\[[0-?]{0,64}[ -/]{0,8}[@-~]|[\]PX^_][^\x07\x1b\x9c]{0,4096}(?:\x07|\x1b\\|\x9c)|[ -/]?[0-~])"
)
_JOINERS = "\u200c\u200d"  # needed by Persian, Indic scripts and emoji; they reorder nothing
_SPACES = {"Zl", "Zp"}
_REPLACED = {"Cf", "Cs"}


def clean(text: str) -> str:
    """Return ``text`` on one line without escapes, controls, or characters that change the reading direction."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_harmless, _ESCAPES.sub("", text)))


def _harmless(char: str) -> str:
    if char in "\t\n\r\v\f":
        return " "
    if char in _JOINERS:
        return char
    category = unicodedata.category(char)
    if category == "Cc":
        return ""
    if category in _SPACES:
        return " "
    return _REPLACEMENT if category in _REPLACED else char


def shorten(text: str, limit: int, mark: str = "…") -> str:
    """Return cleaned ``text`` in at most ``limit`` characters, its middle left out: both ends of a name tell most.

    >>> shorten("train/very_long_metric_name/loss", 16)
    'train/v…ame/loss'
    """
    text = clean(text)
    if len(text) <= limit:
        return text
    room = max(limit - len(mark), 0)
    tail = (room + 1) // 2
    return text[: room - tail] + mark[:limit] + text[len(text) - tail :]


def storable(text: str) -> str:
    """Return ``text`` as valid Unicode: half surrogates, as in badly encoded file names, become U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")

"""Text to lines: colours gone, progress-bar frames apart, full-width and decimal marks made plain."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, final

import numpy as np
from numpy.typing import NDArray

from traindx.readers.text.rewrite import rewritten

_COLOUR: Final = re.compile(r"\x1b\[[0-9;?]{0,20}[A-Za-z]|\x1b\][^\x07\n]{0,200}\x07|\x1b[()][AB0]")
_PLAIN: Final = str.maketrans(
    "：，（）％＝；｜【】［］｛｝　\xa0−“”‘’│┃║┆\u200b\ufeff０１２３４５６７８９．",
    ":,()%=;|[][]{}  -\"\"''||||  0123456789.",
)
_SPECIAL: Final = re.compile("[" + "".join(map(chr, _PLAIN)).replace("[", r"\[").replace("]", r"\]") + "]")
_GLUED: Final = re.compile(r"\b((?:[Ee]poch|[Ss]tep|[Ii]ter(?:ation)?|EPOCH|STEP)_?)(\d{1,9})\b(?=[\s:,\]|/)-])")
_WRAPPED: Final = re.compile(
    r"\b(?:tensor|Array|DeviceArray|np\.float\d\d|np\.int\d\d)\(\s?([-+\w.]{1,40})"
    r"\s?(?:,[^()\n]{0,80}(?:\([^()\n]{0,40}\)[^()\n]{0,40})?)?\)"
)
_MSVC: Final = re.compile(r"-?1\.#(?:QNAN|IND|INF|SNAN)\d{0,6}|\bnan\.0\b")
_DECIMAL_COMMA: Final = re.compile(r"(?<=[\s:=(])-?\d{1,6},(?:\d{1,2}|\d{4,})(?:[eE][-+]?\d+)?(?=[\s;)|%]|$)")
_DECIMAL_POINT: Final = re.compile(r"(?<=[\s:=(|])-?\d{1,6}\.\d+(?=[\s,;)|%]|$)")
_COMMA: Final = re.compile(r"(?<=[0-9])(?<!:\d\d),(?=\d)")


@final
@dataclass(frozen=True, slots=True)
class Lines:
    """UTF-8 ``data`` and where its lines start and end; ``records`` are 1-based line numbers of the file."""

    data: bytes
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    records: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.starts)

    def raw(self, index: int) -> bytes:
        """Return the bytes of line ``index`` (from 0)."""
        return self.data[self.starts[index] : self.ends[index]]

    def text(self, index: int) -> str:
        """Return line ``index`` (from 0) as text."""
        return self.raw(index).decode("utf-8", "replace")


def lines_of(text: str, data: bytes | memoryview = b"") -> Lines:
    """Split ``text`` into lines; what a carriage return or backspaces separate becomes a line of its own.

    ``data`` is what ``text`` was decoded from: where nothing had to be made plain it is used as it is, not copied.
    """
    plain = _cleaned(text)
    same = plain is text and isinstance(data, bytes) and len(data) == len(text) and text.isascii()
    data = bytes(data) if same else plain.encode("utf-8", "replace")
    del plain
    view = np.frombuffer(data, dtype=np.uint8)
    breaks = np.flatnonzero((view == 10) | (view == 13)) if b"\r" in data else np.flatnonzero(view == 10)
    newline = (view[breaks] == 10).astype(np.int64)
    starts = np.concatenate([np.zeros(1, dtype=np.int64), breaks + 1])
    ends = np.concatenate([breaks, np.array([len(data)], dtype=np.int64)])
    records = np.concatenate([np.ones(1, dtype=np.int64), 1 + np.cumsum(newline)])
    return Lines(data, starts, ends, records)


def _cleaned(text: str) -> str:
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    if "\x1b" in text:
        text = _COLOUR.sub("", text)
    if "\x08" in text:
        text = re.sub("\x08+", "\r", text)
    if not text.isascii() and _SPECIAL.search(text):
        text = text.translate(_PLAIN)
    if "(" in text and any(word in text for word in ("tensor(", "Array(", "np.float", "np.int")):
        text = _WRAPPED.sub(r"\1", text)
    if ("#" in text and ".#" in text) or "nan.0" in text:
        text = _MSVC.sub(_named, text)
    text = rewritten(text)
    if _GLUED.search(text, 0, 200_000) or _GLUED.search(text, max(0, len(text) - 50_000)):
        text = _GLUED.sub(r"\1 \2", text)
    if _writes_decimal_commas(text[:200_000]):
        text = _COMMA.sub(".", text)
    return text


def _named(match: re.Match[str]) -> str:
    found = match.group()
    return ("-inf" if found.startswith("-") else "inf") if "INF" in found else "nan"


def _writes_decimal_commas(head: str) -> bool:
    """Whether numbers are written 0,345: some are, and none is written with a point."""
    return "," in head and _DECIMAL_COMMA.search(head) is not None and _DECIMAL_POINT.search(head) is None

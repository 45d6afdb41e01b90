"""Bytes to text: UTF-8, byte-order marks, legacy encodings, and text that was decoded wrongly once before."""

from __future__ import annotations

import codecs
import re
import unicodedata

from traindx.errors import UnreadableLogError

_MARKS = (  # UTF-32 first: its little-endian mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LOOK_BYTES = 65_536
_BINARY_SHARE = 0.02  # of control bytes; progress bars and colours stay far below, compiled formats far above
_CONTROL = bytes(set(range(32)) - {7, 8, 9, 10, 12, 13, 27})
_LEGACY = ("gb18030", "shift_jis", "euc_kr", "big5", "cp1251", "cp1252")
# What a log is filled with that was emptied while its program went on writing at the old place.
_HOLE = re.compile(rb"\x00{64,}")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
_NOT_ASCII_BYTES = re.compile(rb"[\x80-\xff]")


def without_byte_order_mark(data: bytes | memoryview) -> tuple[bytes | memoryview, str]:
    """Return ``data`` as UTF-8 without its byte-order mark, and the encoding that the mark told ("" without one)."""
    start = bytes(data[:4])
    for mark, encoding in _MARKS:
        if not start.startswith(mark):
            continue
        if encoding == "utf-8-sig":
            return data[len(mark) :], encoding
        if encoding == "utf-32" and len(data) % 4:
            continue  # a UTF-16 file whose first character is NUL is not a thing; a torn UTF-32 file is
        return str(data, encoding, "replace").encode("utf-8", "replace"), encoding
    return data, ""


def decode(data: bytes | memoryview, path: str) -> tuple[str, str]:
    """Return the text of ``data`` and the name of its encoding.

    Raises ``UnreadableLogError`` where the bytes are not text.
    """
    text, encoding = _decoded(data, path)
    if text.isascii():
        return text, encoding
    repairs = [(repaired, codec) for codec in ("mac_roman", "cp1252") if (repaired := _repaired(text, codec))]
    if not repairs:
        return text, encoding
    repaired, codec = min(repairs, key=lambda repair: _oddness(repair[0]))
    return repaired, f"{encoding} read as {codec} before, repaired"


def _oddness(text: str) -> int:
    """How many characters are combining marks, controls or unassigned: a wrong repair is full of them."""
    beyond_ascii = "".join(_NOT_ASCII.findall(text[:100_000]))
    return sum(unicodedata.category(letter) in ("Mn", "Cc", "Cn", "Co", "Cf") for letter in beyond_ascii)


def _decoded(data: bytes | memoryview, path: str) -> tuple[str, str]:
    wide = _wide_without_mark(bytes(data[:_LOOK_BYTES]))
    if wide:
        return str(data, wide, "replace"), wide
    if _is_binary(data):
        data = _HOLE.sub(b"", data)
        if _is_binary(data):
            raise UnreadableLogError(
                "binary file of an unknown format",
                where=path,
                hint="expected text, CSV, JSON, TensorBoard events, .wandb or SQLite; export the metrics to one of them",
            )
    try:
        return str(data, "utf-8"), "utf-8"
    except UnicodeDecodeError:
        pass
    text = str(data, "utf-8", "replace")
    broken = text.count("\ufffd")
    whole = sum(map(len, _NOT_ASCII.findall(text))) - broken
    if broken <= 3 or broken < 0.05 * whole:  # a torn tail, or bytes lost where processes wrote over each other
        return text, "utf-8 with broken bytes"
    encoding = _legacy_encoding(data)
    return str(data, encoding, "replace"), encoding


def _wide_without_mark(head: bytes) -> str:
    """Return utf-16-le or -be where every other byte of ASCII text is NUL, as PowerShell's redirection writes."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    half = len(head) // 2
    if half < 8:
        return ""
    if odd > 0.4 * half and even < 0.02 * half:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 * half and odd < 0.02 * half else ""


def _is_binary(data: bytes | memoryview) -> bool:
    for start in {0, len(data) // 2, max(0, len(data) - _LOOK_BYTES)}:
        piece = bytes(data[start : start + _LOOK_BYTES])
        control = len(piece) - len(piece.translate(None, _CONTROL))
        if control > _BINARY_SHARE * len(piece):
            return True
    return False


def _legacy_encoding(data: bytes | memoryview) -> str:
    """Return the encoding that explains the lines that are not ASCII; latin-1, which cannot fail, as the last resort."""
    from charset_normalizer import from_bytes  # here, because few logs need it and its import takes 30 ms

    sample = _lines_not_ascii(bytes(data[: 64 * _LOOK_BYTES]))
    best = from_bytes(sample, cp_isolation=list(_LEGACY), enable_fallback=False).best()
    if best is not None:
        return best.encoding
    try:
        sample.decode("gb18030")
    except UnicodeDecodeError:
        return "latin-1"
    return "gb18030"


def _lines_not_ascii(data: bytes) -> bytes:
    lines: list[bytes] = []
    size = 0
    for line in data.split(b"\n"):
        if _NOT_ASCII_BYTES.search(line):
            lines.append(line[:500])
            size += len(lines[-1])
            if size > 32_768:
                break
    return b"\n".join(lines)


def _repaired(text: str, codec: str) -> str | None:
    """Return ``text`` with UTF-8 restored that had been read as ``codec``, or None where that is not certain.

    Certain means: most runs of characters beyond ASCII, turned back into bytes, are valid UTF-8, which a chance run
    of accented letters hardly ever is.
    """
    table = _table(codec)
    runs: dict[str, str | None] = {}
    for match in _NOT_ASCII.finditer(text):
        runs.setdefault(match.group(), None)
        if len(runs) > 2_000:
            break
    for run in runs:
        runs[run] = _restored(run, table)
    good = [run for run, restored in runs.items() if restored is not None]
    proof = sum(len(run) for run in good)
    if proof < 3 or len(good) < 0.6 * len(runs):
        return None

    def restore(match: re.Match[str]) -> str:
        return _restored(match.group(), table) or match.group()

    return _NOT_ASCII.sub(restore, text)


def _restored(run: str, table: dict[int, int]) -> str | None:
    if any(ord(letter) not in table for letter in run):
        return None
    try:
        return bytes(table[ord(letter)] for letter in run).decode("utf-8")
    except UnicodeDecodeError:
        return None


def _table(codec: str) -> dict[int, int]:
    """Map each character of ``codec`` to its byte; bytes that it leaves undefined stand for themselves."""
    table: dict[int, int] = {}
    for byte in range(0x80, 0x100):
        try:
            table[ord(bytes([byte]).decode(codec))] = byte
        except UnicodeDecodeError:
            table[byte] = byte
    return table

"""The members of a tar archive: names and places, by its headers alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, final

from traindx.errors import UnreadableDataError

_BLOCK: Final = 512
_MOST_EXTRA_BYTES: Final = 1 << 20  # of a long name or of attributes
_FILES: Final = frozenset({b"0", b"\0", b"7"})
_CUT: Final = "the archive was cut off"


@final
@dataclass(frozen=True, slots=True)
class TarMember:
    """A file of an archive: its name, and where its bytes lie."""

    name: str
    offset: int
    size: int


def tar_members(path: Path) -> Iterator[TarMember]:
    """Yield every file of an archive that is not compressed. Raises ``UnreadableDataError`` where a header is none or the file ends early."""
    where = str(path)
    held = path.stat().st_size
    with path.open("rb") as file:
        position, name, size = 0, "", -1
        while True:
            _ = file.seek(position)
            header = file.read(_BLOCK)
            if not header.strip(b"\0"):
                if not header and position:
                    raise UnreadableDataError("lacks the empty blocks at its end", where=where, hint=_CUT)
                return
            kind, own = _checked(header, where, position)
            if size >= 0 and kind in _FILES:
                own = size
            if position + _BLOCK + own > held:
                raise UnreadableDataError(
                    f"a member of {own:,} bytes at {position:,} reaches beyond the end", where=where, hint=_CUT
                )
            if kind in _FILES:
                yield TarMember(name or _name(header), position + _BLOCK, own)
            if kind in (b"L", b"x"):
                name, size = _extra(file, kind, own, name, size)
            elif kind != b"g":
                name, size = "", -1
            position += _BLOCK + -(-own // _BLOCK) * _BLOCK


def _checked(header: bytes, where: str, position: int) -> tuple[bytes, int]:
    """Return the kind and size that a header gives, once its checksum fits."""
    if len(header) == _BLOCK:
        told = _number(header[148:156])
        if told == sum(header[:148]) + 8 * 0x20 + sum(header[156:]):
            size = _number(header[124:136])
            if size >= 0:
                return header[156:157], size
    raise UnreadableDataError(f"no header of a member stands at byte {position:,}", where=where, hint=_CUT)


def _number(field: bytes) -> int:
    """Return a number in octal digits, or in binary where it is too large for them; -1 where it is neither."""
    if field[0] == 0x80:
        return int.from_bytes(field[1:], "big")
    try:
        return int(field.strip(b" \0") or b"0", 8)
    except ValueError:
        return -1


def _name(header: bytes) -> str:
    name = header[:100].split(b"\0", 1)[0]
    prefix = header[345:500].split(b"\0", 1)[0] if header[257:262] == b"ustar" else b""
    return (prefix + b"/" + name if prefix else name).decode("utf-8", "replace")


def _extra(file: IO[bytes], kind: bytes, length: int, name: str, size: int) -> tuple[str, int]:
    """Return the name and size of the next member, as GNU's long name or the attributes of POSIX give them."""
    text = file.read(min(length, _MOST_EXTRA_BYTES))
    if kind == b"L":
        return text.split(b"\0", 1)[0].decode("utf-8", "replace"), size
    for line in text.split(b"\n"):
        key, mark, value = line.partition(b" ")[2].partition(b"=")
        if mark and key == b"path":
            name = value.decode("utf-8", "replace")
        elif mark and key == b"size" and value.isdigit() and len(value) < 19:
            size = int(value)
    return name, size

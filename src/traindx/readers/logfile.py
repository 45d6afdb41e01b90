"""One file as readers see it: decompressed, bounded, decoded once."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePath
from typing import final

from traindx.readers.decoding import decode, without_byte_order_mark

HEAD_BYTES = 65_536
COMPRESSED_SUFFIXES = (".gz", ".xz", ".zst", ".bz2")


@final
@dataclass(eq=False)
class LogFile:
    """A file's decompressed content.

    ``path`` is what errors and origins show (``<stdin>`` for standard input). ``data`` is the whole content, a
    memory map where the file is large and not compressed; a byte-order mark is gone, and what it announced as UTF-16
    or UTF-32 is UTF-8 here. Readers use ``head`` to recognise and ``data`` or ``text`` to read.
    ``local`` is the path of a real file for libraries that need one (SQLite), else None.
    ``truncated`` says why the content is not the whole file ("" where it is).
    ``encoding`` is known once ``text`` was asked for, or where a byte-order mark told it.
    ``memo`` is where a reader keeps what it found out while recognising, so that reading need not look again.
    """

    path: str
    data: bytes | memoryview
    local: str | None = None
    truncated: str = ""
    encoding: str = field(default="", init=False)
    memo: dict[str, object] = field(default_factory=dict[str, object], init=False, repr=False)

    def __post_init__(self) -> None:
        self.data, self.encoding = without_byte_order_mark(self.data)

    @cached_property
    def name(self) -> str:
        """The last part of the path, without a compression suffix."""
        name = PurePath(self.path).name
        for suffix in COMPRESSED_SUFFIXES:
            name = name.removesuffix(suffix)
        return name

    @cached_property
    def head(self) -> bytes:
        """The first 64 KiB."""
        return bytes(self.data[:HEAD_BYTES])

    @cached_property
    def text(self) -> str:
        """The whole content as text; ``encoding`` then says how it was decoded.

        Raises ``UnreadableLogError`` where the content is not text in any encoding.
        """
        text, encoding = decode(self.data, self.path)
        self.encoding = self.encoding or encoding
        return text

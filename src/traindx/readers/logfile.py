"""One file as readers see it: decompressed, bounded, decoded once."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePath
from typing import final

HEAD_BYTES = 65_536


@final
@dataclass(eq=False)
class LogFile:
    """A file's decompressed content.

    ``path`` is what errors and origins show (``<stdin>`` for standard input). ``data`` is the whole content, a
    memory map where the file is not compressed. Readers use ``head`` to recognise and ``data`` or ``text`` to read.
    ``local`` is the path of a real file for libraries that need one (SQLite), else None.
    ``truncated`` says why the content is not the whole file ("" where it is).
    """

    path: str
    data: bytes | memoryview
    local: str | None = None
    truncated: str = ""
    encoding: str = field(default="", init=False)

    @property
    def name(self) -> str:
        """The last part of the path, without a compression suffix."""
        name = PurePath(self.path).name
        for suffix in (".gz", ".xz", ".zst"):
            name = name.removesuffix(suffix)
        return name

    @cached_property
    def head(self) -> bytes:
        """The first 64 KiB."""
        return bytes(self.data[:HEAD_BYTES])

    @cached_property
    def text(self) -> str:
        """The whole content as text; ``encoding`` then says how it was decoded."""
        text, self.encoding = bytes(self.data).decode("utf-8", "replace"), "utf-8"
        return text

"""The border to other libraries: they are loaded when they are needed, and what they raise becomes one error of ours."""

from __future__ import annotations

import importlib
import lzma
import struct
import zipfile
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final

from traindx.errors import MissingExtraError, UnreadableDataError

# What libraries raise for damaged files, as fuzzing showed: the wrong lengths, keys and types that they run into come out bare.
FAULTS: Final[tuple[type[Exception], ...]] = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    BufferError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    SyntaxError,
    SystemError,
    TypeError,
    ValueError,
    lzma.LZMAError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)
_SHOWN: Final = 160  # characters of a library's own words


def library(name: str, purpose: str) -> Any:
    """Return an optional library. Raises ``MissingExtraError`` where it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        package = {"PIL": "pillow"}.get(name.partition(".")[0], name.partition(".")[0])
        raise MissingExtraError(purpose, package=package, extra="arrays") from error


@contextmanager
def guarded(problem: str, where: str, *more: type[Exception], hint: str = "") -> Generator[None]:
    """Turn what a library raises inside into ``UnreadableDataError``; ``more`` are exceptions that only this library has."""
    try:
        yield
    except (*FAULTS, *more) as error:
        raise UnreadableDataError(f"{problem}: {shown(error)}", where=where, hint=hint) from error


def shown(error: Exception) -> str:
    """Return an exception's words on one short line, or its name where it has none."""
    words = " ".join(str(error).split()) or type(error).__name__
    return words if len(words) <= _SHOWN else words[: _SHOWN - 1] + "…"

"""Opening a path: plain and compressed files, standard input, and remote paths, all bounded."""

from __future__ import annotations

import importlib
import mmap
import os
import stat
import sys
from io import BytesIO
from typing import IO, Final

from traindx.errors import MissingExtraError, UnreadableLogError
from traindx.readers.compression import codec_of, decompressed
from traindx.readers.logfile import LogFile

MAX_BYTES: Final = 1 << 30  # of decompressed, piped or remote content: more than any log, less than memory
_MAP_BYTES: Final = 1 << 25  # below, a copy is cheap, and safe when the writer truncates the file meanwhile


def open_log(path: str, *, stdin_filename: str = "", limit_bytes: int = MAX_BYTES) -> LogFile:
    """Open one file for the readers.

    ``path`` is a local path, ``-`` for standard input (``stdin_filename`` then names it), or a URL that fsspec
    knows. Raises ``UnreadableLogError`` where there is no such file, ``MissingExtraError`` where a package is needed.
    """
    if path == "-":
        return _from_stream(sys.stdin.buffer, stdin_filename or "<stdin>", limit_bytes)
    if "://" in path:
        return _open_remote(path, limit_bytes)
    try:
        return _open_local(path, limit_bytes)
    except (OSError, ValueError) as error:  # ValueError: a NUL byte in the path
        reason = getattr(error, "strerror", None) or str(error)
        raise UnreadableLogError(f"cannot open the file: {reason.lower()}", where=path) from error


def _open_local(path: str, limit_bytes: int) -> LogFile:
    mode = os.stat(path).st_mode
    if stat.S_ISDIR(mode):
        raise UnreadableLogError("this is a directory, not a file", where=path)
    with open(path, "rb") as file:
        if not stat.S_ISREG(mode):  # a pipe, as of a shell's <(command)
            return _from_stream(file, path, limit_bytes)
        codec = codec_of(file.read(6))
        file.seek(0)
        if codec:
            data, torn = decompressed(file, codec, limit_bytes)
            return LogFile(path, data, truncated=torn)
        return LogFile(path, _content(file), local=path)


def _content(file: IO[bytes]) -> bytes | memoryview:
    size = file.seek(0, 2)
    file.seek(0)
    if size < _MAP_BYTES:
        return file.read()
    return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))


def _from_stream(stream: IO[bytes], path: str, limit_bytes: int) -> LogFile:
    data = stream.read(limit_bytes + 1)
    cut = f"stopped after {limit_bytes:,} bytes" if len(data) > limit_bytes else ""
    data = data[:limit_bytes]
    codec = codec_of(data[:6])
    if not codec:
        return LogFile(path, data, truncated=cut)
    plain, torn = decompressed(BytesIO(data), codec, limit_bytes)
    return LogFile(path, plain, truncated=cut or torn)


def _open_remote(path: str, limit_bytes: int) -> LogFile:
    scheme = path.split("://", 1)[0]
    try:
        fsspec = importlib.import_module("fsspec")
    except ImportError as error:
        raise MissingExtraError(f"reading {scheme}:// paths", package="fsspec", extra="remote") from error
    try:
        with fsspec.open(path, "rb") as stream:
            return _from_stream(stream, path, limit_bytes)
    except ImportError as error:
        hint = "install the package that it names beside fsspec"
        raise UnreadableLogError(f"{scheme}:// paths need more: {error}".lower(), where=path, hint=hint) from error
    except (OSError, ValueError) as error:
        raise UnreadableLogError(f"cannot open the file: {error}".lower(), where=path) from error

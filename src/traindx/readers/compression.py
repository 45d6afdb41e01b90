"""Compressed logs: what can be decompressed within a limit, also from a torn stream."""

from __future__ import annotations

import bz2
import gzip
import importlib
import lzma
import zlib
from collections.abc import Callable, Iterator
from typing import IO, Any, Final

from traindx.errors import MissingExtraError

_PIECE_BYTES: Final = 1 << 20
_ZSTD_INPUT_BYTES: Final = 4_096  # at zstd's highest ratio this makes 128 MiB: a bomb cannot jump over the limit
_TORN: Final = (EOFError, OSError, zlib.error, lzma.LZMAError)


def codec_of(head: bytes) -> str:
    """Return the name of the compression that the first bytes announce, or ""."""
    return next((name for magic, name, _ in _CODECS if head.startswith(magic)), "")


def decompressed(file: IO[bytes], codec: str, limit_bytes: int) -> tuple[bytes, str]:
    """Return the content up to the limit, and why it is not all of it ("" where it is).

    A stream that is cut off or damaged gives what came before the damage.
    """
    pieces = next(opened for _, name, opened in _CODECS if name == codec)(file)
    found: list[bytes] = []
    room = limit_bytes
    try:
        for piece in pieces:
            found.append(piece[:room])
            room -= len(piece)
            if room <= 0:
                return b"".join(found), f"stopped after {limit_bytes:,} decompressed bytes"
    except _TORN as error:
        return b"".join(found), f"the {codec} stream is torn: {error}".lower()
    return b"".join(found), ""


def _read_in_pieces(file: Any) -> Iterator[bytes]:
    while piece := file.read1(_PIECE_BYTES):
        yield piece


def _gzip(file: IO[bytes]) -> Iterator[bytes]:
    return _read_in_pieces(gzip.GzipFile(fileobj=file))


def _xz(file: IO[bytes]) -> Iterator[bytes]:
    with lzma.LZMAFile(file) as plain:
        yield from _read_in_pieces(plain)


def _bzip2(file: IO[bytes]) -> Iterator[bytes]:
    with bz2.BZ2File(file) as plain:
        yield from _read_in_pieces(plain)


def _zstd(file: IO[bytes]) -> Iterator[bytes]:
    try:  # Python 3.14 and later
        library = importlib.import_module("compression.zstd")
    except ImportError:
        return _zstd_by_package(file)
    return _as_torn(_read_in_pieces(library.ZstdFile(file)), library.ZstdError)


def _zstd_by_package(file: IO[bytes]) -> Iterator[bytes]:
    try:
        library = importlib.import_module("zstandard")
    except ImportError as error:
        raise MissingExtraError("reading a zstd-compressed log", package="zstandard", extra="zst") from error
    return _as_torn(_zstd_frames(file, library.ZstdDecompressor().decompressobj), library.ZstdError)


def _zstd_frames(file: IO[bytes], new_frame: Callable[[], Any]) -> Iterator[bytes]:
    frame = new_frame()
    fed = False
    while chunk := file.read(_ZSTD_INPUT_BYTES):
        while chunk:
            yield frame.decompress(chunk)
            fed = not frame.eof
            chunk = frame.unused_data if frame.eof else b""
            if frame.eof:
                frame = new_frame()
    if fed:
        raise EOFError("it ends inside a frame")


def _as_torn(pieces: Iterator[bytes], damage: type[Exception]) -> Iterator[bytes]:
    """Pass ``pieces`` on; the library's own error becomes the one that all codecs share."""
    try:
        yield from pieces
    except damage as error:
        raise EOFError(str(error)) from error


_CODECS: Final[tuple[tuple[bytes, str, Callable[[IO[bytes]], Iterator[bytes]]], ...]] = (
    (b"\x1f\x8b", "gzip", _gzip),
    (b"\xfd7zXZ\x00", "xz", _xz),
    (b"\x28\xb5\x2f\xfd", "zstd", _zstd),
    (b"BZh", "bzip2", _bzip2),
)

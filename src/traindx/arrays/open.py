"""Opening files and directories of arrays, whatever their format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final

from traindx.arrays.formats.contract import ArrayFormat
from traindx.arrays.formats.registry import FORMATS
from traindx.arrays.formats.shards import files_as_one
from traindx.arrays.patterns import files_of
from traindx.arrays.source import ArraySource
from traindx.arrays.unreadable import UnreadableSource
from traindx.errors import UnreadableDataError, UsageError, unknown_name

_HEAD_BYTES: Final = 4096
_SHOWN_NAMES: Final = 12  # of the arrays that might have been meant; the rest are counted


def open_arrays(path: str | Path, *, only: Sequence[str] = ()) -> Mapping[str, ArraySource]:
    """Return every array or column of a file or directory by its name, without reading the values.

    Files that belong together are one dataset: all of a folder whose names differ in their numbers only, or those of a pattern as ``train-*.parquet``
    and ``train-{0000..0012}.tar``. ``only`` picks some by name, or all below a group: ``train`` picks ``train/x`` and ``train/y``; so does ``data.h5::train`` for one.
    A lone array has the name "". An array that cannot be read, beside others that can, is there and says why when it is read. Raises ``UnreadableDataError`` where the file is damaged or of no known format, and ``UsageError``
    where there is no such file or name.
    """
    place, key = _split(path)
    sources = {source.name: source for source in _all(place)}
    if not sources:
        raise UnreadableDataError("holds no arrays", where=str(place))
    wanted = (*only, key) if key else tuple(only)
    if wanted:
        sources = {source.name: source for name in wanted for source in _named(name, sources, place)}
    refused = [source.error for source in sources.values() if isinstance(source, UnreadableSource)]
    if len(refused) == len(sources):
        raise refused[0]
    return MappingProxyType(sources)


def open_array(path: str | Path, key: str = "") -> ArraySource:
    """Return the one array of a file, or that of the name ``key`` (also given as ``file.npz::name``).

    Raises ``UsageError`` that lists the names where there are several, and as ``open_arrays`` does.
    """
    sources = open_arrays(path, only=(key,) if key else ())
    if len(sources) > 1:
        place = _split(path)[0]
        raise UsageError(
            f"holds {len(sources)} arrays: {_listed(sources)}", where=str(place), hint=f"pick one: {place}::NAME"
        )
    return next(iter(sources.values()))


def format_of(path: str | Path) -> str:
    """Return the name of the format of a file or directory (``npy``, ``hdf5``). Raises as ``open_arrays`` does."""
    place = _split(path)[0]
    files = [] if _exists(place) else files_of(str(place))
    return _format(files[0] if files else place).name


def _split(path: str | Path) -> tuple[Path, str]:
    """Return the file and the name behind ``::``, of which a file's own name may have several."""
    whole = str(path)
    file, mark, key = whole.rpartition("::")
    if not mark or _exists(Path(whole)):
        return Path(whole), ""
    return Path(file), key


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _all(path: Path) -> Iterator[ArraySource]:
    try:
        files = [] if _exists(path) else files_of(str(path))
        yield from files_as_one(files, str(path)) if files else _format(path).open(path)
    except OSError as error:
        raise UnreadableDataError(f"cannot be read: {error.strerror or error}".lower(), where=str(path)) from error


def _format(path: Path) -> ArrayFormat:
    if not _exists(path):
        raise UsageError("no such file or directory", where=str(path))
    head = _head(path)
    for known in FORMATS:
        if known.recognises(path, head):
            return known
    if path.is_dir():
        raise UnreadableDataError("a directory without arrays or images", where=str(path))
    if not head:
        raise UnreadableDataError("an empty file", where=str(path))
    names = ", ".join(known.name for known in FORMATS)
    raise UnreadableDataError("of no known format", where=str(path), hint=f"what is read: {names}")


def _head(path: Path) -> bytes:
    if not path.is_file():
        return b""
    try:
        with path.open("rb") as file:
            return file.read(_HEAD_BYTES)
    except OSError as error:
        raise UnreadableDataError(f"cannot be opened: {error.strerror}".lower(), where=str(path)) from error


def _named(name: str, sources: Mapping[str, ArraySource], path: Path) -> Iterator[ArraySource]:
    group = name.rstrip("/") + "/"
    found = [source for known, source in sources.items() if known == name or known.startswith(group)]
    if not found:
        error = unknown_name("array", name, sources)
        raise UsageError(error.problem, where=str(path), hint=error.hint or f"it holds {_listed(sources)}")
    yield from found


def _listed(sources: Mapping[str, ArraySource]) -> str:
    names = [repr(name) for name in sources]
    more = f" and {len(names) - _SHOWN_NAMES:,} more" if len(names) > _SHOWN_NAMES else ""
    return ", ".join(names[:_SHOWN_NAMES]) + more

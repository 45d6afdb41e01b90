"""Folders of data files: those that differ only in their numbers are shards of one dataset, the others datasets of their own."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from traindx.arrays.formats.arrow_ipc import ARROW
from traindx.arrays.formats.contract import ArrayFormat
from traindx.arrays.formats.csv_table import CSV
from traindx.arrays.formats.hdf5 import HDF5
from traindx.arrays.formats.json_records import JSON_LINES
from traindx.arrays.formats.npy import NPY
from traindx.arrays.formats.npz import NPZ
from traindx.arrays.formats.parquet import PARQUET
from traindx.arrays.formats.safetensors import SAFETENSORS
from traindx.arrays.formats.webdataset import WEBDATASET, webdataset_sources
from traindx.arrays.formats.zarr_store import ZARR
from traindx.arrays.joined import joined
from traindx.arrays.source import ArraySource
from traindx.errors import UnreadableDataError

_FORMATS: Final[Mapping[str, ArrayFormat]] = {
    ".npy": NPY,
    ".npz": NPZ,
    ".safetensors": SAFETENSORS,
    ".h5": HDF5,
    ".hdf5": HDF5,
    ".parquet": PARQUET,
    ".arrow": ARROW,
    ".feather": ARROW,
    ".csv": CSV,
    ".tsv": CSV,
    ".jsonl": JSON_LINES,
    ".tar": WEBDATASET,
}
_NUMBERS: Final = re.compile(r"[-_.]?\d+(?:[-_.]?of[-_.]?\d+)?")
_DEEPEST: Final = 3  # sub-folders below one another
_LOOKED_AT: Final = 20
_DIGITS: Final = re.compile(r"(\d+)")


def shard_sources(
    top: Path, *, folder: Path | None = None, prefix: str = "", alone: bool = True
) -> Iterator[ArraySource]:
    """Yield the arrays of all data files below a folder; a sub-folder's name stands before those of its arrays.

    ``alone`` says that nothing else is beside them, so that the only dataset of the folder needs no name of its own. Raises ``UnreadableDataError``.
    """
    folder = folder or top
    groups: dict[tuple[str, str], list[Path]] = {}
    for file in in_order(_files(folder)):
        groups.setdefault((_NUMBERS.sub("", file.stem), file.suffix.lower()), []).append(file)
    stems = [stem for stem, _ in groups]
    for (stem, suffix), files in groups.items():
        own = "" if alone and len(groups) == 1 else stem or files[0].stem
        if stems.count(stem) > 1:
            own += suffix
        yield from joined(_parts(files, suffix), prefix="/".join(filter(None, (prefix, own))), place=str(top))
    for inner in _folders(folder):
        below = f"{prefix}/{inner.name}" if prefix else inner.name
        if ZARR.recognises(inner, b""):
            yield from joined([list(ZARR.open(inner))], prefix=below, place=str(top))
        elif below.count("/") < _DEEPEST:
            yield from shard_sources(top, folder=inner, prefix=below)


def files_as_one(files: list[Path], place: str) -> Iterator[ArraySource]:
    """Yield the arrays of files of one kind as those of one dataset, in the order given. Raises ``UnreadableDataError``."""
    suffixes = {file.suffix.lower() for file in files}
    (suffix,) = suffixes if len(suffixes) == 1 else ("",)
    if suffix not in _FORMATS:
        raise UnreadableDataError("matches files that are no shards of one format", where=place)
    yield from joined(_parts(files, suffix), prefix="", place=place)


def in_order(files: Iterable[Path]) -> list[Path]:
    """Return files in the order of the numbers in their names.

    >>> [path.name for path in in_order([Path("x-10.npy"), Path("x-9.npy")])]
    ['x-9.npy', 'x-10.npy']
    """
    return sorted(files, key=lambda file: _in_order(str(file)))


def _parts(files: list[Path], suffix: str) -> list[list[ArraySource]]:
    if suffix == ".tar":
        return [list(webdataset_sources(files, str(files[0].parent)))]
    parts = [list(_FORMATS[suffix].open(file)) for file in files]
    empty = next((file for file, sources in zip(files, parts, strict=True) if not sources), None)
    if empty is not None:
        raise UnreadableDataError("holds no arrays", where=str(empty))
    return parts


def _folders(folder: Path) -> list[Path]:
    with os.scandir(folder) as entries:
        found = [Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False)]
    return sorted(inner for inner in found if not inner.name.startswith("."))


def _files(folder: Path) -> list[Path]:
    with os.scandir(folder) as entries:
        return [
            Path(entry.path)
            for entry in entries
            if not entry.name.startswith(".") and Path(entry.name).suffix.lower() in _FORMATS and entry.is_file()
        ]


def _in_order(name: str) -> list[tuple[int, str]]:
    """Return what sorts part-2 before part-10."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in _DIGITS.split(name)]


def has_data_files(folder: Path, deeper: int = 3) -> bool:
    """Whether data files lie in a folder, or in one of the first sub-folders of it."""
    try:
        if _files(folder):
            return True
        inner = _folders(folder)[:_LOOKED_AT]
    except OSError:
        return False
    return deeper > 0 and any(ZARR.recognises(one, b"") or has_data_files(one, deeper - 1) for one in inner)


SHARDS: Final = ArrayFormat(
    name="shards", recognises=lambda path, _: path.is_dir() and has_data_files(path), open=shard_sources
)

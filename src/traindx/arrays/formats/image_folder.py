"""Folders of images, flat or with a sub-folder for each class."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from traindx.arrays.formats.contract import ArrayFormat
from traindx.arrays.formats.images import SUFFIXES, image_of
from traindx.arrays.formats.shards import has_data_files, shard_sources
from traindx.arrays.records import Column, RecordDecoder, record_sources, starts_of
from traindx.arrays.source import ArraySource, MemorySource
from traindx.errors import UnreadableDataError

_DEEPEST: Final = 6
_GROUP_ROWS: Final = 1  # images that are lost together where one cannot be decoded: each is a file of its own
_MOST_FILE_BYTES: Final = 1 << 30
_LOOKED_AT: Final = 200  # entries of a folder, until it is clear whether it holds images


@final
@dataclass(frozen=True, slots=True)
class ImageFiles(RecordDecoder):
    """Files below a folder, in order."""

    folder: Path
    files: tuple[str, ...]

    def decode(self, group: int) -> Mapping[str, NDArray[Any] | UnreadableDataError]:
        """Return the images of a group."""
        names = self.files[group * _GROUP_ROWS : (group + 1) * _GROUP_ROWS]
        values = np.empty(len(names), dtype=object)
        for number, name in enumerate(names):
            where = f"{self.folder / name} (row {group * _GROUP_ROWS + number})"
            values[number] = image_of(_bytes(self.folder / name, where), where)
        return {"image": values}


def _bytes(path: Path, where: str) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_MOST_FILE_BYTES)
    except OSError as error:
        raise UnreadableDataError(f"cannot be read: {error.strerror}".lower(), where=where) from error


def _open(path: Path) -> Iterator[ArraySource]:
    files = tuple(sorted(_below(path)))
    counts = [min(_GROUP_ROWS, len(files) - start) for start in range(0, len(files), _GROUP_ROWS)]
    image = Column(name="image", kind="image", dtype=np.dtype(object))
    yield from record_sources(ImageFiles(path, files), [image], starts_of(counts), str(path))
    yield _texts("file", files, path)
    if all("/" in name for name in files):
        yield _texts("class", tuple(name.partition("/")[0] for name in files), path)
    if has_data_files(path, 0):  # tables beside the images: their labels, their captions
        yield from shard_sources(path, alone=False)


def _texts(name: str, values: tuple[str, ...], path: Path) -> ArraySource:
    texts = np.empty(len(values), dtype=object)
    texts[:] = values
    return MemorySource(texts, name=name, where=f"{path}:{name}", kind="text")


def _below(folder: Path, prefix: str = "", depth: int = 0) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                if depth < _DEEPEST:
                    yield from _below(Path(entry.path), f"{prefix}{entry.name}/", depth + 1)
            elif is_image(entry.name):
                yield prefix + entry.name


def is_image(name: str) -> bool:
    """Whether a file is called like an image."""
    return name.rpartition(".")[2].lower() in SUFFIXES


def _recognises(path: Path, head: bytes) -> bool:
    """Whether one of the first entries of the folder, or of its first sub-folders, is an image."""
    del head
    if not path.is_dir():
        return False
    try:
        return _has_images(path, 2)
    except OSError:
        return False


def _has_images(folder: Path, deeper: int) -> bool:
    with os.scandir(folder) as entries:
        first = [entry for _, entry in zip(range(_LOOKED_AT), entries, strict=False)]
    if any(is_image(entry.name) and entry.is_file() for entry in first):
        return True
    folders = [Path(entry.path) for entry in first if entry.is_dir(follow_symlinks=False)]
    return deeper > 0 and any(_has_images(inner, deeper - 1) for inner in folders[:4])


IMAGE_FOLDER: Final = ArrayFormat(name="image-folder", recognises=_recognises, open=_open)

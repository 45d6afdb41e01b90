"""Statistics that lie beside the values: in small arrays of the file, in attributes of HDF5 and Zarr, in JSON files of the same folder."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, cast

import numpy as np

from traindx.arrays import ArraySource
from traindx.dataset.stored import NamedNumbers, kind_of, numbers_named
from traindx.errors import UnreadableDataError

_SMALL: Final = 1_000_000  # numbers in one statistic
_JSON_BYTES: Final = 4 << 20
_JSON_FILES: Final = 16
_JSON_LOOKED: Final = 1_000
_ATTRIBUTES: Final = 10_000
_DEPTH: Final = 6
_JSON_WORDS: Final = ("stat", "norm", "scal", "mean", "meta")


def numbers_beside(path: Path, sources: Mapping[str, ArraySource]) -> list[NamedNumbers]:
    """Return every mean, deviation and variance that the dataset carries by name. What cannot be read is passed over: none is needed."""
    found = list(_of_arrays(sources))
    found += _of_attributes(path)
    for file in _json_files(path):
        found += _of_json(file)
    return found


def _of_arrays(sources: Mapping[str, ArraySource]) -> Iterator[NamedNumbers]:
    rows = max((len(s) for s in sources.values()), default=0)
    for source in sources.values():
        small = int(np.prod(source.shape, dtype=np.float64)) <= _SMALL and (len(source) < rows or rows <= 1)
        if kind_of(source.name) is None or source.kind != "number" or not small:
            continue
        try:
            named = numbers_named(source.name, source.name, source.read(0, len(source)))
        except UnreadableDataError:
            continue  # the profile tells of it
        if named is not None:
            yield named


def _of_attributes(path: Path) -> list[NamedNumbers]:
    if path.is_dir():
        return [n for name in ("zarr.json", ".zattrs") for file in _below(path, name) for n in _of_json(file)]
    if path.suffix.lower() not in (".h5", ".hdf5", ".hdf", ".he5", ".nc"):
        return []
    try:
        return _of_hdf5(path)
    except (ImportError, OSError, RuntimeError, ValueError, KeyError, TypeError):
        return []  # attributes are a help, never a need


def _of_hdf5(path: Path) -> list[NamedNumbers]:
    h5py: Any = importlib.import_module("h5py")
    found: list[NamedNumbers] = []
    with h5py.File(path, "r") as file:

        def visit(name: str, item: Any) -> None:
            for key in list(item.attrs)[: _ATTRIBUTES - len(found)]:
                if kind_of(str(key)) is None:
                    continue
                label = "/".join(filter(None, (name, str(key))))
                named = numbers_named(label, f"{name}@{key}", np.asarray(item.attrs[key]))
                if named is not None:
                    found.append(named)

        visit("", file)
        cast("Callable[..., None]", file.visititems)(visit)
    return found


def _below(path: Path, name: str) -> list[Path]:
    """The files of a name in a folder and one level below, which is where groups and arrays keep their attributes."""
    return [file for file in (path / name, *sorted(path.glob(f"*/{name}"))[:_JSON_FILES]) if file.is_file()]


def _json_files(path: Path) -> list[Path]:
    """JSON files of the same folder whose names speak of statistics. Whose they are, names, sizes and moments tell."""
    folder = path if path.is_dir() else path.parent
    try:
        near = sorted((*folder.glob("*.json"), *(folder.glob("meta/*.json") if path.is_dir() else ())))
    except OSError:
        return []
    return [
        file for file in near[:_JSON_LOOKED] if file != path and any(word in file.stem.lower() for word in _JSON_WORDS)
    ][:_JSON_FILES]


def _of_json(file: Path) -> list[NamedNumbers]:
    try:
        if file.stat().st_size > _JSON_BYTES:
            return []
        document = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError):
        return []
    return list(_numbers("", document, file.name, 0))


def _numbers(name: str, value: object, where: str, depth: int) -> Iterator[NamedNumbers]:
    if isinstance(value, dict) and depth < _DEPTH:
        for key, part in cast("dict[str, object]", value).items():
            yield from _numbers(f"{name}/{key}" if name else str(key), part, where, depth + 1)
    elif kind_of(name.rpartition("/")[2]) is not None and isinstance(value, int | float | list):
        try:
            array = np.asarray(value, dtype=np.float64)
        except (ValueError, TypeError, OverflowError):
            return
        named = numbers_named(name, f"{where}:{name}", array)
        if named is not None:
            yield named

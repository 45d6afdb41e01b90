"""Tensors that torch saved: loaded by torch, weights only, mapped from the file."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, cast, final

import numpy as np
from numpy.typing import NDArray

from traindx.arrays.border import FAULTS, shown
from traindx.arrays.formats.contract import ArrayFormat
from traindx.arrays.memory import Tensor, from_memory
from traindx.arrays.opened import Opened
from traindx.arrays.source import ArraySource
from traindx.arrays.unreadable import UnreadableSource
from traindx.errors import TraindxError, UnreadableDataError

_SUFFIXES: Final = (".pt", ".pth")
_DEEPEST: Final = 8


def loaded_tensors(path: Path) -> Mapping[str, object]:
    """Return the tensors of a file by name: "" for a lone one, ``model.weight`` for one in a table of tables."""
    return dict(_tensors(_loaded(path), ""))


def _loaded(path: Path) -> object:
    try:
        torch = importlib.import_module("torch")
    except ImportError as error:
        raise UnreadableDataError(
            "reading tensors that torch saved needs torch", where=str(path), hint="or save them as safetensors"
        ) from error
    try:
        return cast("object", torch.load(path, map_location="cpu", weights_only=True, mmap=True))
    except (*FAULTS, torch.serialization.pickle.UnpicklingError) as error:
        raise UnreadableDataError(
            f"torch cannot load it as plain tensors: {shown(error)}",
            where=str(path),
            hint="save a tensor or a dict of tensors, or safetensors",
        ) from error


def _tensors(found: object, prefix: str, depth: int = 0) -> Iterator[tuple[str, object]]:
    if isinstance(found, Tensor):
        yield prefix, found
    elif isinstance(found, Mapping) and depth < _DEEPEST:
        for name, value in cast("Mapping[object, object]", found).items():
            yield from _tensors(value, f"{prefix}.{name}" if prefix else str(name), depth + 1)
    elif isinstance(found, list | tuple) and depth < _DEEPEST:
        for number, value in enumerate(cast("list[object]", found)):
            yield from _tensors(value, f"{prefix}.{number}" if prefix else str(number), depth + 1)


@final
class TorchSource(ArraySource):
    """One tensor of a file."""

    def __init__(self, file: Opened[Mapping[str, object]], name: str, where: str) -> None:
        self._file, self.name, self.where = file, name, where
        inner = self._inner()
        self.shape, self.dtype, self.kind, self.block_rows = inner.shape, inner.dtype, inner.kind, inner.block_rows

    def _inner(self) -> ArraySource:
        tensor = self._file.get().get(self.name)
        if tensor is None:
            raise UnreadableDataError("the file holds this tensor no longer", where=self.where)
        try:
            return from_memory(tensor, name=self.name, where=self.where)
        except TraindxError as error:
            raise UnreadableDataError(error.problem, where=self.where, hint=error.hint) from error
        except FAULTS as error:
            raise UnreadableDataError(f"cannot be read: {shown(error)}", where=self.where) from error

    def read(self, start: int, stop: int, *, out: NDArray[Any] | None = None) -> NDArray[Any]:
        """Return the rows, mapped from the file."""
        block = self._inner().read(start, stop, out=out)
        return np.ascontiguousarray(block)


def _open(path: Path) -> Iterator[ArraySource]:
    file = Opened(path, loaded_tensors)
    for name in file.get():
        where = f"{path}:{name}" if name else str(path)
        try:
            yield TorchSource(file, name, where)
        except UnreadableDataError as error:
            yield UnreadableSource(error, name=name)


TORCH: Final = ArrayFormat(
    name="torch", recognises=lambda path, head: bool(head) and path.suffix.lower() in _SUFFIXES, open=_open
)

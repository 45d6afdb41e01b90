"""Values of any length in HDF5 (text, lists), read from the file's global heap without the library.

The library walks a damaged heap for ever, and cannot be interrupted; here every step goes forward, and no further than the file.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final, final

import numpy as np
from numpy.typing import NDArray

from traindx.errors import UnreadableDataError

ELEMENT: Final = np.dtype([("length", "<u4"), ("address", "<u8"), ("index", "<u4")])
"""What stands in the dataset itself: how many items, and where they lie: in which collection of the heap, and which object of it."""

_COLLECTION: Final = struct.Struct("<4sB3xQ")  # signature, version, size of all
_OBJECT: Final = struct.Struct("<HHIQ")  # index, references, nothing, size
_MOST_BYTES: Final = 1 << 30  # of one collection, which holds one large object or many small ones


@final
@dataclass(frozen=True, slots=True)
class GlobalHeap:
    """The heap of one file."""

    path: Path

    def objects(self, elements: NDArray[Any], itemsize: int) -> list[bytes]:
        """Return the bytes that each element points to, ``itemsize`` for each item. Raises ``ValueError`` for one that points nowhere."""
        found = [b""] * len(elements)
        held = np.flatnonzero(elements["length"])
        order = held[np.argsort(elements["address"][held], kind="stable")]
        addresses = elements["address"][order]
        cuts = np.flatnonzero(np.diff(addresses, prepend=addresses[:1] + 1))
        with self.path.open("rb") as file:
            for numbers in np.split(order, cuts[1:]) if len(order) else ():
                collection = dict(_collection(file, int(elements["address"][numbers[0]])))
                for number in numbers.tolist():
                    size = int(elements["length"][number]) * itemsize
                    data = collection.get(int(elements["index"][number]), b"")
                    if len(data) < size:
                        raise ValueError(f"a value of {size:,} bytes is not where its row says")
                    found[number] = data[:size]
        return found


def _collection(file: IO[bytes], address: int) -> Iterator[tuple[int, bytes]]:
    """Yield the objects of a collection by their numbers."""
    try:
        _ = file.seek(address)
    except (OSError, OverflowError) as error:
        raise ValueError("a row points outside the file") from error
    head = file.read(_COLLECTION.size)
    signature, version, size = _COLLECTION.unpack(head) if len(head) == _COLLECTION.size else (b"", 0, 0)
    if signature != b"GCOL" or version != 1 or size > _MOST_BYTES:
        raise ValueError("a row points to no collection of values")
    data = file.read(size - _COLLECTION.size) if size > _COLLECTION.size else b""
    place = 0
    while place + _OBJECT.size <= len(data):
        index, _, _, length = _OBJECT.unpack_from(data, place)
        place += _OBJECT.size
        if index == 0 or place + length > len(data):  # the free room at the end
            return
        yield index, data[place : place + length]
        place += -(-length // 8) * 8


def texts(elements: NDArray[Any], heap: GlobalHeap) -> NDArray[Any]:
    """Return the texts that elements point to; what is not UTF-8 is replaced."""
    values = np.empty(elements.size, dtype=object)
    values[:] = [data.decode("utf-8", "replace") for data in heap.objects(elements.reshape(-1), 1)]
    return values.reshape(elements.shape)


def lists(elements: NDArray[Any], heap: GlobalHeap, stored: np.dtype[Any]) -> NDArray[Any]:
    """Return the lists of numbers that elements point to."""
    values = np.empty(elements.size, dtype=object)
    native = stored.newbyteorder("=")
    for number, data in enumerate(heap.objects(elements.reshape(-1), stored.itemsize)):
        values[number] = np.frombuffer(data, dtype=stored).astype(native)
    return values.reshape(elements.shape)


def check_heap(path: Path, where: str) -> None:
    """Refuse a file whose addresses are not those of today's files: eight bytes, from the beginning of the file."""
    with path.open("rb") as file:
        head = file.read(16)
    sizes = head[13:15] if head[8:9] in (b"\0", b"\1") else head[9:11]
    if not head.startswith(b"\x89HDF") or sizes != b"\x08\x08":
        raise UnreadableDataError(
            "text and lists of any length are not read behind a block of the user's own", where=where
        )

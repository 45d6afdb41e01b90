"""Numbers at any byte offset of a file, gathered for many records at once."""

from __future__ import annotations

import mmap
from typing import final

import numpy as np
from numpy.typing import NDArray

from traindx.run import Floats

Ints = NDArray[np.int64]
Words = NDArray[np.uint64]
Bytes = NDArray[np.uint8]
Flags = NDArray[np.bool_]

_WORTH_RELEASING = 1 << 25
_LOW32 = np.uint64(0xFFFFFFFF)


@final
class ByteView:
    """A buffer seen as 8-byte little-endian words that start at every byte.

    The views take no memory: numpy gathers unaligned words straight from the file's pages. A word that reaches past
    the end of the buffer is filled with zeros.
    """

    def __init__(self, data: bytes | memoryview) -> None:
        self.data = memoryview(data).cast("B")
        self.size = len(self.data)
        self.bytes: Bytes = np.frombuffer(self.data, dtype=np.uint8)
        self._last = max(self.size - 8, 0)
        self._words = _overlapping(self.data, 8).view("<u8") if self.size >= 8 else np.zeros(0, dtype="<u8")
        self._tail = _overlapping(memoryview(bytes(self.data[self._last :]) + bytes(24)), 8).view("<u8")

    def words(self, at: Ints) -> Words:
        """Return the 8 bytes at each offset (0 to size) as unsigned numbers."""
        try:
            return self._words[at]
        except IndexError:
            return self._words_near_the_end(at)

    def _words_near_the_end(self, at: Ints) -> Words:
        inside = at < self._last
        out = np.empty(at.shape, dtype=np.uint64)
        out[inside] = self._words[at[inside]]
        out[~inside] = self._tail[np.minimum(at[~inside] - self._last, 16)]
        return out

    def float64(self, at: Ints) -> Floats:
        """Return the float64 at each offset."""
        return self.words(at).view("<f8")

    def float32(self, at: Ints) -> Floats:
        """Return the float32 at each offset, as the float64 of the same value."""
        return (self.words(at) & _LOW32).astype("<u4").view("<f4").astype(np.float64)

    def uint32(self, at: Ints) -> Words:
        """Return the 4 bytes at each offset as unsigned numbers."""
        return self.words(at) & _LOW32

    def rows(self, at: Ints, width: int) -> Words:
        """Return ``width`` bytes (a multiple of 8) at each offset, as one row of words each.

        Every row must lie inside the buffer.
        """
        return _overlapping(self.data, width)[at].view("<u8").reshape(len(at), width // 8)

    def release(self) -> None:
        """Give the pages of a memory map back: they are read again from the page cache when needed."""
        release(self.data)


def release(data: bytes | memoryview) -> None:
    """Give the pages of a large memory map back; of anything else, and of a small one, nothing."""
    if not isinstance(data, memoryview) or data.nbytes < _WORTH_RELEASING:
        return
    owner = data.obj
    if isinstance(owner, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        owner.madvise(mmap.MADV_DONTNEED)


def _overlapping(data: memoryview, width: int) -> NDArray[np.void]:
    """View ``data`` as items of ``width`` bytes that start at every byte."""
    return np.ndarray((max(len(data) - width + 1, 0),), dtype=f"V{width}", buffer=data, strides=(1,))

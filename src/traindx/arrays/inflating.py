"""A deflated stream, read at any place: from the nearest of the states that were kept on the way."""

from __future__ import annotations

import threading
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final, final

from numpy.typing import NDArray

from traindx.arrays.source import bytes_of
from traindx.errors import UnreadableDataError

_PIECE: Final = 1 << 16  # compressed bytes taken at once
_STRIDE: Final = 16 << 20  # inflated bytes between two kept states; a state takes some 40 kB
_MOST_STATES: Final = 256  # 10 MB of states; where there are more, every second one is dropped


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class DeflatedSpan:
    """Where a deflated stream lies in a file, how long it is inflated, and its CRC-32."""

    path: Path
    offset: int
    compressed: int
    inflated: int
    crc: int


@final
@dataclass(frozen=True, slots=True)
class _State:
    """The stream after ``position`` inflated bytes; ``taken`` compressed ones have been given to the decoder."""

    position: int
    taken: int
    decoder: Any


@final
class Inflating:
    """Reads places of a deflated stream, in order at the cost of inflating, backwards at that of up to one stride more.

    The checksum is compared when the end is first reached. One thread inflates at a time. A pickled copy begins anew.
    """

    def __init__(self, span: DeflatedSpan, *, where: str) -> None:
        self._span, self._where = span, where
        self._begin()

    def __getstate__(self) -> tuple[DeflatedSpan, str]:
        return self._span, self._where

    def __setstate__(self, state: tuple[DeflatedSpan, str]) -> None:
        self._span, self._where = state
        self._begin()

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._states = [_State(0, 0, zlib.decompressobj(-15))]
        self._stride = _STRIDE
        self._now = self._states[0]
        self._checked, self._crc = 0, 0  # so many bytes from the beginning have gone into the checksum

    def fill(self, start: int, block: NDArray[Any], *, where: str) -> None:
        """Fill a C-contiguous array from a place of the inflated stream. Raises ``UnreadableDataError``."""
        room = bytes_of(block)
        with self._lock:
            try:
                self._fill(start, room)
            except (zlib.error, OSError, EOFError) as error:
                self._now = self._states[0]
                raise UnreadableDataError(f"the compressed data are damaged: {error}".lower(), where=where) from error

    def _fill(self, start: int, room: memoryview) -> None:
        if not self._now.position <= start < self._now.position + self._stride:
            self._now = max(
                (state for state in self._states if state.position <= start), key=lambda state: state.position
            )
        stop = start + len(room)
        position, taken, decoder = self._now.position, self._now.taken, self._now.decoder.copy()
        with self._span.path.open("rb") as file:
            _ = file.seek(self._span.offset + taken)
            while position < stop:
                piece, consumed = _next_piece(file, decoder, self._span.compressed - taken, stop - position)
                taken += consumed
                self._note(position, piece)
                skipped = max(0, start - position)
                if skipped < len(piece):
                    at = position + skipped - start
                    room[at : at + len(piece) - skipped] = piece[skipped:]
                position += len(piece)
                if position - self._states[-1].position >= self._stride:
                    self._keep(_State(position, taken, decoder.copy()))
        self._now = _State(position, taken, decoder)

    def _note(self, position: int, piece: bytes) -> None:
        """Carry the checksum on where this piece is the first after what it covers."""
        fresh = position + len(piece) - self._checked
        if fresh > 0 and position <= self._checked:
            self._crc = zlib.crc32(piece[len(piece) - fresh :], self._crc)
            self._checked += fresh
            if self._checked == self._span.inflated and self._crc != self._span.crc:
                self._checked -= 1  # so that the next read of the end fails too
                raise EOFError("the checksum does not fit")

    def _keep(self, state: _State) -> None:
        self._states.append(state)
        if len(self._states) > _MOST_STATES:
            self._states = self._states[::2]
            self._stride *= 2


def _next_piece(file: IO[bytes], decoder: Any, left: int, wanted: int) -> tuple[bytes, int]:
    """Return at least one inflated byte, at most ``wanted``, and how many compressed ones were used up for it."""
    used = 0
    while True:
        held = decoder.unconsumed_tail
        fresh = b"" if held else file.read(min(_PIECE, left - used))
        if decoder.eof:
            raise EOFError("the stream ends too early")
        piece = decoder.decompress(held or fresh, min(wanted, _STRIDE))  # of nothing: what it has ready
        used += len(fresh)
        if piece:
            return piece, used
        if not (held or fresh):
            raise EOFError("the stream ends too early")

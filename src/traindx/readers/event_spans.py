"""Messages inside messages: where they lie in the file, for many records at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, final

import numpy as np

from traindx.readers.byteview import ByteView, Flags, Ints
from traindx.readers.protobuf import varints
from traindx.run import Floats

BYTE: Final = np.uint64(0xFF)
Row = tuple[int, int, int, float, float]  # start, end, record, wall time, step


@final
@dataclass(frozen=True, slots=True)
class Spans:
    """Parts of a file that hold one message each, with record (0-based), wall time and step of their event."""

    starts: Ints
    ends: Ints
    records: Ints
    wall_times: Floats
    steps: Floats

    def __len__(self) -> int:
        return len(self.starts)

    def only(self, which: Flags | Ints) -> Spans:
        """Return some of the spans."""
        return Spans(
            self.starts[which], self.ends[which], self.records[which], self.wall_times[which], self.steps[which]
        )

    def moved(self, starts: Ints, ends: Ints) -> Spans:
        """Return spans of the same events elsewhere."""
        return Spans(starts, ends, self.records, self.wall_times, self.steps)


def spans_of(rows: list[Row]) -> Spans:
    """Return spans from one row each."""
    starts, ends, records, walls, steps = zip(*rows, strict=True) if rows else ((), (), (), (), ())
    return Spans(
        np.array(starts, dtype=np.int64),
        np.array(ends, dtype=np.int64),
        np.array(records, dtype=np.int64),
        np.array(walls, dtype=np.float64),
        np.array(steps, dtype=np.float64),
    )


def joined(first: Spans, second: Spans) -> Spans:
    """Return the spans of both, by record."""
    if not len(second):
        return first
    order = np.argsort(np.concatenate([first.records, second.records]), kind="stable")

    def both(column: Callable[[Spans], Ints] | Callable[[Spans], Floats]) -> np.ndarray:
        return np.concatenate([column(first), column(second)])[order]

    return Spans(
        both(lambda s: s.starts),
        both(lambda s: s.ends),
        both(lambda s: s.records),
        both(lambda s: s.wall_times),
        both(lambda s: s.steps),
    )


def messages(view: ByteView, at: Ints, ends: Ints, key: int) -> tuple[Ints, Ints, Flags]:
    """Read the key and the length of the message at each offset.

    Returns where its content starts and ends, and whether a message with that key lies there inside ``ends``.
    """
    words = view.words(np.minimum(at, view.size))
    lengths, sizes, ended = varints(words >> np.uint64(8))
    sound = ended & (sizes <= 5) & (words & BYTE == np.uint64(key))
    starts = at + 1 + sizes
    stops = starts + lengths
    return starts, stops, sound & (stops <= ends) & (at < ends)

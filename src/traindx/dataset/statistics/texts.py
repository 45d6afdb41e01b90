"""What is measured of a column of text or bytes."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from traindx.dataset.statistics.distinct import DistinctCount
from traindx.dataset.statistics.wire import from_array, pack, to_array, unpack
from traindx.dataset.summary import TextSummary

_KEPT: Final = 1 << 14  # different texts counted one by one, of at most _KEY characters each: some 5 MB
_KEY: Final = 160  # characters by which a text is known; of longer ones the rest is told by a hash
_SHOWN: Final = 4096  # of the commonest texts in a summary: all classes of a label column


@final
class TextState:
    """Number, lengths and commonest values of some rows.

    Counts are exact until there are more different texts than are kept; from then on the rarest are dropped, and all counts lowered
    by what the dropped had (Misra and Gries 1982): they are at most ``lowered`` too low.
    """

    __slots__ = ("count", "counts", "different", "empty", "longest", "lowered", "missing", "shortest", "total")

    def __init__(self) -> None:
        self.count = self.empty = self.missing = self.total = self.longest = self.lowered = 0
        self.shortest = -1
        self.counts: Counter[str] = Counter()
        self.different = DistinctCount()

    def update(self, block: NDArray[Any], mask: NDArray[np.bool_] | None = None) -> None:
        """Take in rows of text or bytes; what is neither counts as missing."""
        values: list[object] = (block if mask is None else block[mask]).tolist()
        texts = [value for value in values if isinstance(value, str | bytes)]
        self.missing += len(values) - len(texts)
        if not texts:
            return
        lengths = [len(text) for text in texts]
        self.count += len(texts)
        self.empty += lengths.count(0)
        self.total += sum(lengths)
        self.longest = max(self.longest, *lengths)
        self.shortest = min(lengths) if self.shortest < 0 else min(self.shortest, *lengths)
        found = Counter(_key(text) for text in texts)
        self._add(found)

    def merge(self, other: TextState) -> None:
        """Take in what another state saw of later rows."""
        self.count += other.count
        self.empty += other.empty
        self.missing += other.missing
        self.total += other.total
        self.lowered += other.lowered
        self.longest = max(self.longest, other.longest)
        self.shortest = (
            max(self.shortest, other.shortest)
            if min(self.shortest, other.shortest) < 0
            else min(self.shortest, other.shortest)
        )
        self.different.take(other.different.hashes)
        self._add(other.counts)

    def summary(self) -> TextSummary:
        """Return what was measured as plain values."""
        exact = self.lowered == 0
        return TextSummary(
            count=self.count,
            empty=self.empty,
            missing=self.missing,
            mean_length=self.total / self.count if self.count else float("nan"),
            minimum_length=max(self.shortest, 0),
            maximum_length=self.longest,
            distinct=len(self.counts) if exact else self.different.estimate,
            distinct_error=0.0 if exact else self.different.error,
            frequent=tuple(sorted(self.counts.items(), key=lambda one: (-one[1], one[0]))[:_SHOWN]),
            frequent_error=self.lowered,
        )

    def to_bytes(self) -> bytes:
        """Return the state as bytes."""
        numbers = [self.count, self.empty, self.missing, self.total, self.longest, self.lowered, self.shortest]
        return pack(
            {
                "what": "texts",
                "numbers": numbers,
                "counts": dict(self.counts),
                "hashes": from_array(self.different.hashes),
            }
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> TextState:
        """Return the state that ``to_bytes`` wrote."""
        found, state = unpack(data, "texts"), cls()
        state.count, state.empty, state.missing, state.total, state.longest, state.lowered, state.shortest = found[
            "numbers"
        ]
        state.counts = Counter(found["counts"])
        state.different.take(to_array(found["hashes"]))
        return state

    def _add(self, found: Counter[str]) -> None:
        self.different.update(key.encode("utf-8", "surrogatepass") for key in found if key not in self.counts)
        self.counts.update(found)
        if len(self.counts) > _KEPT:
            least = sorted(self.counts.values(), reverse=True)[_KEPT // 2]
            self.counts = Counter({key: count - least for key, count in self.counts.items() if count > least})
            self.lowered += least


def _key(text: str | bytes) -> str:
    if len(text) <= _KEY and isinstance(text, str):
        return text if text.isascii() else text.encode("utf-8", "replace").decode()
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    if len(text) <= _KEY:
        return data.decode("utf-8", "backslashreplace")
    shown = data[:_KEY].decode("utf-8", "backslashreplace")
    return f"{shown}... {hashlib.blake2b(data, digest_size=8).hexdigest()}"

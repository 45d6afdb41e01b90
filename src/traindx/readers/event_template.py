"""The bytes that all values of one layout share, found in the first of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from traindx.readers.byteview import ByteView, Flags, Ints, Words
from traindx.readers.event_message import Number, decoded
from traindx.run import Floats


@final
@dataclass(frozen=True, slots=True)
class Template:
    """What follows the tag of a value, except for its number: the bytes, and where the number lies in them."""

    pattern: Words
    mask: Words
    number_at: int
    dtype: str

    def fits(self, view: ByteView, at: Ints) -> Flags:
        """Return which of the byte strings at these offsets are this template with another number."""
        rows = view.rows(at, 8 * len(self.pattern))
        fitting = np.ones(len(at), dtype=np.bool_)
        for column, (pattern, mask) in enumerate(zip(self.pattern, self.mask, strict=True)):
            fitting &= rows[:, column] & mask == pattern
        return fitting

    def numbers(self, view: ByteView, at: Ints) -> Floats:
        """Return the numbers of byte strings that fit."""
        return decoded(view.words(at + self.number_at), self.dtype)


def learn(view: ByteView, start: int, end: int, number: Number) -> Template:
    """Make the template of ``[start, end)``, which holds ``number``."""
    width = -(-(end - start) // 8) * 8
    pattern = np.zeros(width, dtype=np.uint8)
    pattern[: end - start] = view.bytes[start:end]
    mask = np.zeros(width, dtype=np.uint8)
    mask[: end - start] = 0xFF
    size = 2 if number.dtype == "bf16" else np.dtype(number.dtype).itemsize
    mask[number.at - start : number.at - start + size] = 0
    return Template((pattern & mask).view("<u8"), mask.view("<u8"), number.at - start, number.dtype)

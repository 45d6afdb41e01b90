"""Counters that stand without a name: ``[120/225]`` after an epoch, a progress bar, a leading ``12:`` or ``[1,  2000]``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from traindx.readers.text.shape import Field

_PAIRED: Final = re.compile(r",\s{0,8}\d{1,9}\] ")
_OVER: Final = re.compile(r"\s*/\s*[\d,]+\s*(\S)?")
_AFTER_BRACKET: Final = re.compile(r"\]?\s?:\s|\]\s?[\t :]")
_AFTER_PLAIN: Final = re.compile(r"\s?:(?:\s|$)|\)\s")


def nameless_counter(
    line: str, span: tuple[int, int], gap: str, column: int, fields: Sequence[Field], *, more: bool
) -> Field | None:
    """Return the counter that the number at ``span`` is, with the text ``gap`` before it; None where it is none.

    ``fields`` were read before it; ``more`` numbers follow on the line.
    """
    start, end = span
    tail, before = line[end : end + 40], gap.rstrip()
    if not line[start:end].isdigit():
        return None
    if not fields and before.strip() == "[" and _PAIRED.match(tail):
        return Field(name="epoch", role="epoch", column=column)
    after_epoch = any(field.role == "epoch" for field in fields)
    if before.strip() == "," and tail.startswith("] ") and len(fields) == 1 and after_epoch:
        return Field(name="iteration", role="inner", column=column)
    if _OVER.match(tail) and (before.endswith(("[", "|", ":", "(", "]")) or not before):
        return Field(name="progress", role="inner" if after_epoch else "progress", column=column)
    if before.endswith("[") and tail.startswith("]") and after_epoch:
        return Field(name="progress", role="inner", column=column)
    leading = more and not fields and not before.strip().strip("([*-")
    if leading and (_AFTER_BRACKET if before.endswith("[") else _AFTER_PLAIN).match(tail):
        return Field(name="step", role="step", column=column)
    return None

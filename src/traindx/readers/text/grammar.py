"""The careful reading of one line, done once for each line template."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from traindx.readers.text.cells import is_barred_header, is_row
from traindx.readers.text.counted import number_first
from traindx.readers.text.lexer import NUMBER
from traindx.readers.text.names import split_mark
from traindx.readers.text.noise import is_heading, is_noise
from traindx.readers.text.prefix import Prefix, prefix_of
from traindx.readers.text.shape import Shape
from traindx.readers.text.walk import Walk

_BAR: Final = re.compile(r"\s*\d{1,9}/\d{1,9} (?:\[[=>.\s]{2,200}\]|[━╸╺─]{2,200})")
_MOST_NUMBERS: Final = 3000


def shape_of(line: str) -> Shape:
    """Return what ``line`` says, with every number accounted for by its position."""
    spans = [match.span() for match in NUMBER.finditer(line)]
    prefix = prefix_of(line)
    if not spans:
        message = line[prefix.end :]
        return Shape(kind="words", start=prefix.end, split=split_mark(message), heading=is_heading(message))
    if len(spans) > _MOST_NUMBERS:
        return Shape(kind="noise", start=prefix.end, failed=f"more than {_MOST_NUMBERS:,} numbers in a line")
    if is_row(line, line[prefix.end :]):
        return Shape(kind="cells", start=prefix.end)
    if is_barred_header(line[prefix.end :]):
        return Shape(kind="words", start=prefix.end)
    if is_noise(line[prefix.end :]):
        return Shape(kind="noise", start=prefix.end)
    counted = number_first(line, spans, prefix.end)
    if counted:
        return Shape(kind="values", fields=counted, start=prefix.end)
    walk = Walk(line, spans, prefix.end)
    walk.run()
    return _completed(walk, line, spans, prefix)


def _completed(walk: Walk, line: str, spans: list[tuple[int, int]], prefix: Prefix) -> Shape:
    """The shape that the walk found, with what the prefix tells."""
    clock = tuple(_column(spans, offset) for offset in prefix.clock)
    comma = bool(clock) and clock[-1] >= 0 and "," in line[slice(*spans[clock[-1]])]
    redraws = _BAR.match(line, prefix.end) is not None
    shape = replace(walk.shape(clock, prefix.rank), comma=comma, half=prefix.half, redraws=redraws)
    ranked = _column(spans, prefix.rank_at)
    return shape if ranked < 0 else replace(shape, rank_column=ranked)


def _column(spans: list[tuple[int, int]], offset: int) -> int:
    return next((index for index, (start, end) in enumerate(spans) if start <= offset < end), -1) if offset >= 0 else -1

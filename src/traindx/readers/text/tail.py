"""The last line of a log that ends without a newline: it may be cut in the middle of a number."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from dataclasses import replace
from typing import Final

from traindx.readers.text.bulk import NUMERIC
from traindx.readers.text.lexer import NUMBER_PIECES
from traindx.readers.text.lines import Lines
from traindx.readers.text.templates import Batch

_LOOKED_AT: Final = 400
_WIDEST: Final = 20_000
_DECIMALS: Final = re.compile(rb"\.(\d+)(?:[eE][-+]?\d+)?\Z")
_AT_NUMBER: Final = re.compile(rb"(?:\d[.eE+-]{0,2}|[nN]a|[iI]n)\Z")


def without_cut(lines: Lines, batches: Sequence[Batch]) -> tuple[list[Batch], str]:
    """Take away the number at which the text is cut, and say so; "" where nothing shows that it is cut.

    It is cut where lines shortly before go on in the same way, or print the last number with more decimals, all alike.
    """
    last = len(lines) - 1
    raw = lines.raw(last)
    if not raw.strip() or len(raw) > _WIDEST or not _is_cut(lines, last, raw):
        return list(batches), ""
    where = f"the last line is cut off: line {lines.records[last]}"
    column = len(NUMBER_PIECES.split(raw)) // 2 - 1 if _AT_NUMBER.search(raw) else -1
    counted = {field.name for batch in batches if _is_counted(batch) for field in batch.shape.metrics}
    return [part for batch in batches for part in _without(batch, last, column, counted)], where


def _is_cut(lines: Lines, last: int, raw: bytes) -> bool:
    key = raw.translate(None, NUMERIC)
    if not key.strip():
        return False
    before = [lines.raw(index) for index in range(max(0, last - _LOOKED_AT), last)]
    before = [line for line in before if len(line) <= _WIDEST]
    keys = [line.translate(None, NUMERIC) for line in before]
    alike = [line for line, other in zip(before, keys, strict=True) if other == key]
    if not alike:
        return any(len(other) > len(key) and other.startswith(key) for other in keys)
    places = {_decimals(line) for line in alike}
    return len(alike) >= 2 and len(places) == 1 and 0 <= _decimals(raw) < places.pop()


def _decimals(line: bytes) -> int:
    """How many decimals the number at the end has; -1 where no number ends the line."""
    found = _DECIMALS.search(line)
    return len(found[1]) if found else 0 if line[-1:].isdigit() or line.endswith(b".") else -1


def _is_counted(batch: Batch) -> bool:
    return any(field.role != "metric" for field in batch.shape.fields)


def _without(batch: Batch, last: int, column: int, counted: Set[str]) -> list[Batch]:
    """Return the batch with ``column`` unread in line ``last``.

    The rest of the line is left out, too, where its counter is cut away: lines of the ``counted`` metrics have one.
    """
    if not len(batch.lines) or batch.lines[-1] != last:
        return [batch]
    whole = Batch(batch.shape, batch.lines[:-1], {at: values[:-1] for at, values in batch.columns.items()})
    fields = tuple(field for field in batch.shape.fields if column not in (field.column, field.over))
    uncounted = all(field.role == "metric" for field in fields)
    if uncounted and any(field.name in counted for field in fields):
        fields = ()
    rest = Batch(
        replace(batch.shape, fields=fields), batch.lines[-1:], {at: values[-1:] for at, values in batch.columns.items()}
    )
    return [part for part in (whole, rest) if len(part.lines) and (part is whole or fields)]

"""Lines that print the number first and its name after it: ``0.144 avg loss, 0.0001 rate, 1.16 seconds``."""

from __future__ import annotations

import re
from typing import Final

from traindx.readers.text.names import axis_of, is_metric
from traindx.readers.text.shape import Field

_CELL: Final = re.compile(
    r"\s*(?:(?:([A-Za-z]{2,12})\s{1,3})?(\d{1,12})(?::|,| -) )?(\S{1,40}?)%?(?: ([A-Za-z][A-Za-z ]{0,40}))?\s*"
)
_MOST: Final = 2_000


def number_first(line: str, spans: list[tuple[int, int]], start: int) -> tuple[Field, ...]:
    """Return the fields of such a line; nothing where the line is not of this form.

    A leading ``46217: 0.107`` is the step and, in want of a name, the loss; ``epoch 1: 0.5 train loss`` names its
    counter.
    """
    message = line[start:]
    if "=" in message or len(message) > _MOST or "," not in message:
        return ()
    found = _cells(line, start)
    named = [cell[4] for cell in found if cell[4]]
    if len(named) < 2 or not any(map(is_metric, named)) or (message.count(",") < 2 and len(named) < len(found)):
        return ()
    columns = {first: index for index, (first, _) in enumerate(spans)}
    fields: list[Field] = []
    for cell in found:
        counter, value = columns.get(cell.start(2), -1), columns.get(cell.start(3), -1)
        if counter >= 0:
            role = axis_of(cell[1], separated=True) if cell[1] else "step"
            fields.append(Field(name=cell[1] or "step", role=role or "step", column=counter))
        if value >= 0 and (cell[4] or counter >= 0):
            name = (cell[4] or "loss").strip()
            fields.append(Field(name=name, role="metric", column=value, sure=is_metric(name)))
    return tuple(fields)


def _cells(line: str, start: int) -> list[re.Match[str]]:
    """The cells between commas; none where one of them is of another form."""
    cells: list[re.Match[str]] = []
    at = start
    for part in line[start:].split(", "):
        cell = _CELL.fullmatch(line, at, at + len(part))
        if cell is None:
            return []
        cells.append(cell)
        at += len(part) + 2
    return cells

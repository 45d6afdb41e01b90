"""Lines that print the number first and its name after it: ``0.144 avg loss, 0.0001 rate, 1.16 seconds``."""

from __future__ import annotations

import re
from typing import Final

from traindx.readers.text.names import is_metric
from traindx.readers.text.shape import Field

_CELL: Final = re.compile(r"\s*(?:(\d{1,12}): )?(\S{1,40}?)%?(?: ([A-Za-z][A-Za-z ]{0,40}))?\s*")


def number_first(line: str, spans: list[tuple[int, int]], start: int) -> tuple[Field, ...]:
    """Return the fields of such a line; nothing where the line is not of this form.

    A leading ``46217: 0.107`` is the step and, in want of a name, the loss.
    """
    message = line[start:]
    if "=" in message or message.count(",") < 2:
        return ()
    found = [_CELL.fullmatch(cell) for cell in message.split(", ")]
    named = [cell.group(3) for cell in found if cell is not None and cell.group(3)]
    if len(named) < 2 or any(cell is None for cell in found) or not any(is_metric(name) for name in named):
        return ()
    numbers = {line[a:b]: index for index, (a, b) in reversed(list(enumerate(spans))) if a >= start}
    fields: list[Field] = []
    for cell in found:
        assert cell is not None
        step, value, name = cell.groups()
        if step in numbers:
            fields.append(Field(name="step", role="step", column=numbers[step]))
        if value in numbers and (name or step):
            name = (name or "loss").strip()
            fields.append(Field(name=name, role="metric", column=numbers[value], sure=is_metric(name)))
    return tuple(fields)

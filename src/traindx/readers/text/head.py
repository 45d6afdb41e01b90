"""Where training begins in a log, and which lines before it only repeat the configuration."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from traindx.readers.text.names import is_metric, is_rate, is_setting
from traindx.readers.text.shape import Field
from traindx.readers.text.tables import Row
from traindx.readers.text.templates import Batch

NOWHERE: Final = 1 << 62
_MOST_LINES: Final = 4_000
_BUDGET: Final = re.compile(
    r"(?i)(?:(?:num|max|total|number of|n|scheduled|train(?:ing)?)[ _-]?)*"
    r"(?:epochs|steps|iters|iterations|updates|timesteps|episodes|rounds|trials|batch|minibatch|batches)"
)
_OPTION: Final = re.compile(
    r"(?i)(?:\w{1,30}[ _./])*(?:margin|precision|norm|entropy|cost|objective|score|kl|reward|success|ce|bce|ap|ar)"
)  # names of metrics that options have, too


def begin_of_training(batches: Sequence[Batch], rows: Sequence[Row]) -> int:
    """Return the first line (from 0) that tells of training: a counter that counts, or a metric beyond doubt.

    ``NOWHERE`` where no line does, or where the log has no head worth the name.
    """
    first = [int(batch.lines[0]) for batch in batches if _tells_training(batch)]
    first += [row.line for row in rows if any(map(is_metric, row.values))]
    return min(first, default=NOWHERE)


def without_head(batches: Sequence[Batch], begin: int) -> list[Batch]:
    """Leave out the lines that repeat the configuration: forms that no line after ``begin`` has.

    Settings stand in them, and a learning rate printed once before training is no curve.
    """
    if begin in (0, NOWHERE):
        return list(batches)
    return [batch for batch in batches if int(batch.lines[-1]) >= begin or len(batch.lines) > _MOST_LINES]


def is_grid_of_options(row: Row, begin: int) -> bool:
    """Whether a row of a table before ``begin`` holds options alone."""
    return row.line < begin != NOWHERE and all(is_setting(name) or is_rate(name) for name in row.values)


def _tells_training(batch: Batch) -> bool:
    fields = batch.shape.fields
    sure = [field.name for field in fields if field.role == "metric" and field.sure]
    counters = [field for field in fields if field.role != "metric"]
    alone = not counters and len(batch.lines) == 1
    if sure and not (alone and all(map(_OPTION.fullmatch, sure))):
        return True
    if not counters:
        return False
    return len(batch.lines) > 1 or not all(map(_is_budget, counters))


def _is_budget(counter: Field) -> bool:
    """Whether a counter's name is that of a plan, ``epochs: 10``, where it stands on one line only."""
    return counter.over < 0 and _BUDGET.fullmatch(counter.name) is not None

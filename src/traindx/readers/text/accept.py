"""Which names are series: metrics, not settings that happened to be printed with a number."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from traindx.readers.text.names import is_rate, is_setting
from traindx.readers.text.points import Points, joined

_MANY = 3


def accepted(points: Sequence[Points]) -> list[Points]:
    """Return the points of names that behave like metrics.

    A name that is a metric's beyond doubt always is one. Other names are where a counter or a metric stands on the
    same line, or where they repeat under a counter that moves.
    """
    by_name: dict[str, list[Points]] = {}
    for one in points:
        by_name.setdefault(one.name, []).append(one)
    sure = {name for name, parts in by_name.items() if any(part.sure for part in parts)}
    good = {name for name, parts in by_name.items() if _is_metric(name, parts, sure)}
    return [one for one in points if one.name in good]


def _is_metric(name: str, parts: list[Points], sure: set[str]) -> bool:
    if name in sure:
        return True
    if any(part.anchored and (len(part.signature) > 1 or not is_setting(name)) for part in parts):
        return True
    if any(sure.intersection(part.signature) for part in parts):
        return True
    whole = joined(parts)
    moving = len(np.unique(whole.steps[np.isfinite(whole.steps)]))
    if is_rate(name):
        return moving >= 1 or len(whole) >= _MANY
    return len(whole) >= _MANY and moving >= _MANY and not is_setting(name)

"""Choosing series by what they mean, and their levels over a share of the run: shared by the families of special tasks.

Levels are medians of at most a thousand points that lie evenly over the share, so that a rule costs the same for
a run of any length.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np

from traindx.context import FACTS, READINGS, Case, Reading
from traindx.diagnosis import Evidence
from traindx.run import Floats

_NO_LEVEL = frozenset({"min", "max", "std", "best"})
_MOST = 1_000


def readings_of(
    case: Case, kind: str, components: Collection[str | None] | None = None, families: Collection[str] | None = None
) -> Iterator[Reading]:
    """Yield the series of a kind that have a curve; ``components`` and ``families`` narrow them where given."""
    for reading in case[READINGS]:
        role = reading.role
        if role.kind != kind or reading.curve is None or role.statistic in _NO_LEVEL:
            continue
        if components is not None and role.component not in components:
            continue
        if families is None or role.family in families:
            yield reading


def longest_of(
    case: Case,
    kind: str,
    components: Collection[str | None] | None = (None,),
    families: Collection[str] | None = None,
) -> Reading | None:
    """The series of a kind with the most points, one of training before one of evaluation; None where there is none."""
    found = readings_of(case, kind, components, families)
    return max(found, key=lambda r: (not r.held_out, r.curve.count if r.curve else 0), default=None)


def sample(reading: Reading, first: float = 0.0, last: float = 1.0) -> Floats:
    """At most a thousand finite values, evenly spaced from the share ``first`` to the share ``last`` of the series."""
    size = len(reading.series)
    start = min(int(first * size), max(0, size - 1))
    stop = max(start + 1, round(last * size))
    values = reading.series.values[start : stop : max(1, -(-(stop - start) // _MOST))]
    return values[np.isfinite(values) & (np.abs(values) < 1e150)]


def level_of(reading: Reading, first: float = 0.0, last: float = 1.0) -> float:
    """The median from the share ``first`` to the share ``last`` of the series; NaN where nothing there is finite."""
    values = sample(reading, first, last)
    return float(np.median(values)) if len(values) else float("nan")


def first_of(reading: Reading) -> float:
    """The first value of a series; NaN where that is not finite."""
    values = sample(reading, 0.0, 0.0)
    return float(values[0]) if len(values) else float("nan")


def across(
    case: Case,
    reading: Reading,
    label: str,
    measured: float,
    *,
    first: float = 0.0,
    expected: float | None = None,
    formula: str = "",
    unit: str = "",
    note: str = "",
) -> Evidence:
    """Return evidence that was measured from the share ``first`` of a series to its end."""
    start = min(int(first * len(reading.series)), max(0, len(reading.series) - 1))
    span = case.span(reading.series, start, -1)
    return Evidence(label=label, measured=measured, expected=expected, formula=formula, unit=unit, span=span, note=note)


def fact_number(case: Case, name: str) -> float:
    """The value of a numeric fact, NaN where it is not known. The rule must declare ``FACTS``."""
    fact = (case.get(FACTS) or {}).get(name)
    return float(fact.value) if fact is not None and isinstance(fact.value, int | float) else float("nan")

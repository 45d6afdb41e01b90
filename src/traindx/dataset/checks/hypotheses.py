"""Which of several (mean, deviation) pairs an array's own moments agree with."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final, final

from traindx.dataset.checks.subject import compared
from traindx.dataset.stored import StoredStatistics
from traindx.dataset.summary import ArraySummary, ColumnSummary
from traindx.dataset.tails import deviation_error, mean_error

Moments = tuple[float, float]
Hypothesis = Callable[[ColumnSummary, float, float], Moments]

_CLOSE: Final = 0.1  # statistics of another split or of a sample differ by less; the hypotheses lie further apart
_APART: Final = 4.0  # the next best must be so many times as far off
_ERRORS: Final = 4.0  # standard errors within which moments agree whatever their size
_ROWS: Final = 8


@final
@dataclass(frozen=True, slots=True)
class Fit:
    """How far the moments of an array are from a hypothesis: the median over its features, in deviations; ``allowed`` is how far they may be."""

    name: str
    distance: float
    allowed: float


HYPOTHESES: Final[dict[str, Hypothesis]] = {
    "raw": lambda _c, mean, deviation: (mean, deviation),
    "applied": lambda _c, _mean, _deviation: (0.0, 1.0),
    "twice": lambda _c, mean, deviation: (-mean / deviation, 1 / deviation),
}


def best_fit(array: ArraySummary, stored: StoredStatistics, measured: Sequence[Moments] | None = None) -> Fit | None:
    """Return the hypothesis that an array's moments agree with, or None where none does or two do as well.

    ``measured`` takes the place of the array's own moments, feature by feature.

    ``raw``: the stored statistics are those of the array as it is; ``applied``: it has mean 0 and deviation 1;
    ``twice``: it has -mean/deviation and 1/deviation, which scaling a second time makes of scaled values.
    """
    fits = sorted((_fit(array, stored, name, measured) for name in HYPOTHESES), key=lambda fit: fit.distance)
    best, second = fits[0], fits[1]
    if not best.distance <= best.allowed or not second.distance > max(_APART * best.distance, second.allowed):
        return None
    return best


def agrees(array: ArraySummary, stored: StoredStatistics, expected: Sequence[Moments]) -> bool:
    """Whether the stored statistics are these moments, feature by feature."""
    known = [i for i, (_, deviation) in enumerate(expected) if deviation > 0]
    if not known:
        return False
    looked = compared(array, stored)
    return median(_gap(expected[i], stored.at(i)) for i in known) <= median(_allowed(looked[i]) for i in known)


def _fit(array: ArraySummary, stored: StoredStatistics, name: str, measured: Sequence[Moments] | None) -> Fit:
    gaps: list[float] = []
    allowed: list[float] = []
    for feature, column in enumerate(compared(array, stored)):
        mean, deviation = stored.at(feature)
        if column.count < _ROWS or not column.deviation > 0 or not deviation > 0:
            continue
        own = (column.mean, column.deviation) if measured is None else measured[feature]
        gaps.append(_gap(own, HYPOTHESES[name](column, mean, deviation)))
        allowed.append(_allowed(column))
    return Fit(name, median(gaps) if gaps else math.inf, median(allowed) if allowed else 0.0)


def _gap(measured: Moments, expected: Moments) -> float:
    """Distance of two pairs: of the means in expected deviations, of the deviations as a logarithm; the larger of both."""
    if not (expected[1] > 0 and measured[1] > 0):
        return math.inf
    return max(abs(measured[0] - expected[0]) / expected[1], abs(math.log(measured[1] / expected[1])))


def _allowed(column: ColumnSummary) -> float:
    relative = mean_error(column) / column.deviation if column.deviation > 0 else 0.0
    return max(_CLOSE, _ERRORS * max(relative, deviation_error(column)))

"""What constant answers and the last value score on an array of numbers, measured in one pass over it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from traindx.arrays import ArraySource
from traindx.dataset.summary import ArraySummary

Floats = NDArray[np.float64]

_BLOCK_BYTES: Final = 4 << 20
_BLOCKS: Final = 64  # the error of a mean over 256 MiB is far below what a level has to tell
_DELTA: Final = 1.0


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ConstantAnswers:
    """Mean losses over the finite entries of an array (under the mask): of answering zero, the median, or the value before.

    The median is that of each feature. ``steps`` is how many pairs of neighbours ``last`` is averaged over, along ``axis``: 1 for sequences
    (rows, time, features), else 0, the rows. NaN where there is none.
    """

    count: int
    zero_absolute: float
    median_absolute: float
    median_huber: float
    last_squared: float
    steps: int
    axis: int


def constant_answers(
    source: ArraySource, summary: ArraySummary, mask: ArraySource | None = None
) -> ConstantAnswers | None:
    """Measure the losses of constant answers in one pass over at most 256 MiB; None where there is no finite number."""
    median = np.array([_median(c.quantile_levels, c.quantiles, c.mean) for c in summary.features], np.float64)
    axis = 1 if len(source.shape) >= 3 else 0
    sums = np.zeros(6)
    last: Floats | None = None
    end = 0
    for start, stop in _blocks(source):
        block = _block(source, mask, start, stop, features=len(median))
        sums[:4] += _losses(block, median)
        joined = np.concatenate([last[None], block]) if last is not None and start == end and not axis else block
        sums[4:] += _neighbours(joined, 1 if axis else 0)
        last, end = block[-1], stop
    count = sums[0]
    if not count:
        return None
    return ConstantAnswers(
        count=int(count),
        zero_absolute=float(sums[1] / count),
        median_absolute=float(sums[2] / count),
        median_huber=float(sums[3] / count),
        last_squared=float(sums[4] / sums[5]) if sums[5] else math.nan,
        steps=int(sums[5]),
        axis=axis,
    )


def _blocks(source: ArraySource) -> list[tuple[int, int]]:
    """Rows to look at, 4 MiB at a time: all of them, or of arrays beyond 256 MiB 64 blocks spread evenly."""
    rows = max(1, _BLOCK_BYTES // max(source.row_bytes, 1))
    starts = list(range(0, len(source), rows))
    if len(starts) > _BLOCKS:
        starts = [starts[int(place)] for place in np.linspace(0, len(starts) - 1, _BLOCKS)]
    return [(start, min(start + rows, len(source))) for start in starts]


def _median(levels: tuple[float, ...], quantiles: tuple[float, ...], otherwise: float) -> float:
    return quantiles[levels.index(0.5)] if 0.5 in levels and len(quantiles) == len(levels) else otherwise


def _block(source: ArraySource, mask: ArraySource | None, start: int, stop: int, *, features: int) -> Floats:
    """Return the rows as float64 with the features last, NaN where they are masked or not finite."""
    block: NDArray[Any] = source.read(start, stop).astype(np.float64)
    if mask is not None and source.shape[: len(mask.shape)] == mask.shape:
        kept = mask.read(start, stop) != 0
        block[~np.broadcast_to(kept.reshape(kept.shape + (1,) * (block.ndim - kept.ndim)), block.shape)] = np.nan
    if block.ndim == 1 or block.shape[-1] != features:
        block = block[..., None]
    return np.where(np.isfinite(block), block, np.nan)


def _losses(block: Floats, median: Floats) -> Floats:
    finite = ~np.isnan(block)
    with np.errstate(
        over="ignore", invalid="ignore"
    ):  # squares of the largest numbers are infinite, which is their loss
        return _sums(block, median, finite)


def _sums(block: Floats, median: Floats, finite: NDArray[np.bool_]) -> Floats:
    from_median = np.abs(block - median)
    huber = np.where(from_median <= _DELTA, from_median**2 / 2, _DELTA * (from_median - _DELTA / 2))
    terms = (np.abs(block), from_median, huber)
    return np.array([float(finite.sum()), *(float(np.where(finite, term, 0.0).sum()) for term in terms)])


def _neighbours(block: Floats, axis: int) -> Floats:
    """Sum of squared differences of neighbours along an axis, and how many there are."""
    with np.errstate(over="ignore", invalid="ignore"):
        change = np.diff(block, axis=axis)
        known = ~np.isnan(change)
        return np.array([float(np.where(known, change**2, 0.0).sum()), float(known.sum())])

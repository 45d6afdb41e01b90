"""What histograms say: values by rank, and how much of a sum of squares the largest values hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from traindx.dataset.statistics.fields import COUNT, HIGHEST, LOWEST, M2, MEAN, NEGATIVE, POSITIVE, ZEROS, Floats
from traindx.dataset.statistics.sketch import Sketch

LEVELS: Final = (0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999)
_KEPT: Final = 4096  # of the commonest values: all classes of a label column


@final
@dataclass(frozen=True, slots=True)
class Distribution:
    """``counts`` values lie from ``low`` to ``high`` each (the same where a value is known exactly), in ascending order.

    ``frequent`` are exact values with their counts, the commonest first; ``distinct`` is -1 where not every value was counted by itself.
    """

    low: Floats
    high: Floats
    counts: NDArray[np.int64]
    frequent: tuple[tuple[float, int], ...]
    distinct: int

    @property
    def exact(self) -> bool:
        """Whether every value is known exactly."""
        return bool((self.low == self.high).all())

    def at_ranks(self, ranks: Floats) -> Floats:
        """Return the values of these ranks from 0; inside a bin, values are taken to be spread evenly."""
        after = np.cumsum(self.counts)
        place = np.minimum(np.searchsorted(after, ranks, side="right"), len(after) - 1)
        inside = (ranks - (after[place] - self.counts[place]) + 0.5) / self.counts[place]
        return self.low[place] + (self.high[place] - self.low[place]) * inside

    def quantiles(self, levels: Sequence[float] = LEVELS) -> tuple[float, ...]:
        """Return the quantiles, between two ranks by straight line, as numpy does by default."""
        if not len(self.counts):
            return ()
        ranks = np.asarray(levels) * (self.counts.sum() - 1)
        below = np.floor(ranks)
        low, high = self.at_ranks(below), self.at_ranks(np.ceil(ranks))
        return tuple((low * (1 - (ranks - below)) + high * (ranks - below)).tolist())

    def top_share(self, centre: float, total: float, top: float = 1e-3) -> tuple[float, float]:
        """Return the share of ``total``, the sum of squared distances to ``centre``, that the ``top`` part of the values with the largest ones has.

        And how far that may be wrong, which follows from the widths of the bins.
        """
        if not total > 0 or not np.isfinite(total) or not len(self.counts):
            return float("nan"), float("nan")
        wanted = top * float(self.counts.sum())
        a, b = np.abs(self.low - centre), np.abs(self.high - centre)
        least = np.where((self.low < centre) & (self.high > centre), 0.0, np.minimum(a, b))
        most = np.maximum(a, b)
        there = most >= self._surely_reached(least, wanted)
        least, most, counts = least[there], most[there], self.counts[there]
        mean_square = (least * least + least * most + most * most) / 3
        shares = [_top_sum(squares, counts, wanted) / total for squares in (least**2, mean_square, most**2)]
        lowest, share, highest = (min(one, 1.0) for one in shares)
        return share, max(highest - share, share - lowest)

    def _surely_reached(self, least: Floats, wanted: float) -> float:
        """Return a distance that at least ``wanted`` values surely reach, found at the two ends, where the largest are."""
        first = int(np.searchsorted(np.cumsum(self.counts), wanted)) + 1
        last = int(np.searchsorted(np.cumsum(self.counts[::-1]), wanted)) + 1
        ends = np.unique(np.concatenate([np.arange(len(least))[:first], np.arange(len(least))[-last:]]))
        ends = ends[np.argsort(-least[ends], kind="stable")]
        place = min(int(np.searchsorted(np.cumsum(self.counts[ends]), wanted)), len(ends) - 1)
        return float(least[ends[place]])


def _top_sum(squares: Floats, counts: NDArray[np.int64], wanted: float) -> float:
    order = np.argsort(-squares, kind="stable")
    before = np.concatenate([[0.0], np.cumsum(counts[order])[:-1]])
    taken = np.clip(wanted - before, 0.0, counts[order])
    return float(squares[order] @ taken)


def distribution(sketch: Sketch, number: int, state: Floats) -> Distribution:
    """Return what is known of one feature; ``state`` (fields,) has its moments and extremes."""
    sketch.flush()
    values, exact = _exact_values(sketch, number)
    low, high, counts = _bins(sketch, number, state, *_atoms(sketch, number))
    rest = int(counts.sum())
    low = np.concatenate([np.clip(low, state[LOWEST], state[HIGHEST]), values])
    high = np.concatenate([np.clip(high, state[LOWEST], state[HIGHEST]), values])
    counts = np.concatenate([counts, exact])
    order = np.lexsort((high, low))
    zeros = int(state[ZEROS])
    if zeros and not (values == 0).any():
        values, exact = np.append(values, 0.0), np.append(exact, zeros)
    common = np.argsort(-exact, kind="stable")[:_KEPT]
    frequent = tuple(zip(values[common].tolist(), exact[common].tolist(), strict=True))
    distinct = _distinct(rest, len(values), state)
    return Distribution(low[order], high[order], counts[order], frequent, distinct)


def pooled_distribution(parts: Sequence[Distribution]) -> Distribution:
    """Return the distribution of the values of all features together."""
    low, high = (np.concatenate([getattr(part, side) for part in parts]) for side in ("low", "high"))
    counts = np.concatenate([part.counts for part in parts])
    order = np.argsort(low, kind="stable")
    values, places = np.unique(np.array([value for part in parts for value, _ in part.frequent]), return_inverse=True)
    added = np.zeros(len(values), np.int64)
    np.add.at(added, places, np.array([count for part in parts for _, count in part.frequent], np.int64))
    common = np.argsort(-added, kind="stable")[:_KEPT]
    frequent = tuple(zip(values[common].tolist(), added[common].tolist(), strict=True))
    known = all(part.distinct >= 0 for part in parts)
    return Distribution(low[order], high[order], counts[order], frequent, len(values) if known else -1)


def _distinct(rest: int, known: int, state: Floats) -> int:
    if state[COUNT] > 0 and state[LOWEST] == state[HIGHEST]:
        return 1
    return -1 if rest else known


def _atoms(sketch: Sketch, number: int) -> tuple[Floats, NDArray[np.int64]]:
    atoms, counts = sketch.plan.atoms[:, number], sketch.atoms[:, number]
    real = ~np.isnan(atoms)
    return atoms[real], counts[real]


def _exact_values(sketch: Sketch, number: int) -> tuple[Floats, NDArray[np.int64]]:
    """Return the values that were counted by themselves, in ascending order, and their counts."""
    window = sketch.window(number)
    atoms, counts = _atoms(sketch, number)
    values = np.concatenate([sketch.plan.base[number] + np.arange(len(window)), atoms])
    counts = np.concatenate([window, counts])
    order = np.argsort(values)
    order = order[counts[order] > 0]
    return values[order], counts[order]


def _bins(
    sketch: Sketch, number: int, state: Floats, atoms: Floats, found: NDArray[np.int64]
) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Return borders and counts of the bins, without the atoms and without what is not finite."""
    plan = sketch.plan
    bins, counts = sketch.feature(number)
    counts = counts.copy()
    shift = np.uint32(32 - plan.bits)
    with np.errstate(over="ignore"):
        centre: NDArray[Any] = plan.centre[number : number + 1].astype(plan.measured)
        distance: NDArray[Any] = atoms.astype(plan.measured) - centre
        keys = (distance + 0).astype(np.float32).view(np.uint32) >> shift
    places = np.searchsorted(bins, keys)
    np.subtract.at(counts, places[found > 0], found[found > 0])
    infinite = np.uint32(0x7F800000) >> shift
    for key, field in ((infinite, POSITIVE), (infinite | np.uint32(1 << (plan.bits - 1)), NEGATIVE)):
        place = int(np.searchsorted(bins, key))
        if place < len(bins) and bins[place] == key:
            counts[place] -= int(state[field])
    sign, size = bins >> (plan.bits - 1), bins & ((1 << (plan.bits - 1)) - 1)
    real = (size <= infinite) & (counts > 0)
    sign, size, counts = sign[real], size[real], counts[real]
    near, far = (_as_float(edge, shift, infinite) for edge in (size, size + 1))
    low, high = np.where(sign == 1, -far, near), np.where(sign == 1, -near, far)
    return low + plan.centre[number], high + plan.centre[number], counts


def _as_float(key: NDArray[np.int64], shift: np.uint32, infinite: np.uint32) -> Floats:
    """Return the least distance in a bin; beyond float32, where bins end, the largest float64 (extremes cut it)."""
    value = (np.minimum(key, infinite).astype(np.uint32) << shift).view(np.float32).astype(np.float64)
    return np.where(
        key > infinite, np.finfo(np.float64).max, np.where(key == infinite, np.finfo(np.float32).max, value)
    )


def moments_about(state: Floats) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return centre and sum of squares of the values themselves, and of their distances to the mean."""
    mean, m2, count = float(state[MEAN]), float(state[M2]), float(state[COUNT])
    return (0.0, m2 + count * mean * mean), (mean, m2)

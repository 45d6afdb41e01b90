"""The best of many noisy measurements: where it lies, what cannot be told from it, and how much of it is luck."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import final

import numpy as np
from numpy.typing import NDArray

from traindx.signals.blocks import block_medians
from traindx.signals.noise import Floats, robust_sd
from traindx.signals.smooth import MOST, Smooth, smooth

# One-sided: a level is tied with the best unless the difference would come up by noise in one case of twenty.
_TIED_Z = 1.645
_DRAWS = 200
# Robust standard deviations above the median from which on a cost is no neighbour of the best.
_FAR = 3.0
# Beyond it squares overflow, and no measurement of a model lies there.
_HUGE = 1e150
# Median over minimum from which on positive costs are judged by their ratios.
_WIDE = 3.0


@final
@dataclass(frozen=True, slots=True)
class Best:
    """The best place of a curve of measurements; all indices count its points.

    - ``index``: the best level of the smoothed curve among the places allowed; ``level`` is that level.
    - ``raw_index``: the best single measurement. ``luck`` is by how much it is expected to flatter.
    - ``corrected``: ``level`` less the luck that is left in the best of several levels.
    - ``noise``: standard deviation of one measurement, NaN where there are too few to tell (then nothing is smoothed).
    - ``tied``: places whose level cannot be told from the best; ``earliest``: the first one within one standard error of it.
    """

    index: int
    level: float
    raw_index: int
    luck: float
    corrected: float
    noise: float
    tied: tuple[int, ...]
    earliest: int


def best_of(values: Floats, *, higher_is_better: bool = False, allowed: NDArray[np.bool_] | None = None) -> Best | None:
    """Return the best place of finite ``values``, or None where there are none (or none is ``allowed``).

    The luck is what parametric draws of the smoothed curve with its own noise show: how much better the best of the drawn
    values seems than it is. The draws use a fixed seed: same values, same answer.

    Measured on parabolas with Gaussian noise of a fifth of their depth: at 8, 20, 40 and 200 points the place chosen is
    worse than the true best by 0.18, 0.19, 0.18 and 0.05 of what the best single measurement is; the bias of the corrected value is
    under a tenth of the noise; the true best is among the tied in 93 % of cases and more.
    """
    may = np.ones(len(values), dtype=np.bool_) if allowed is None else allowed
    if not len(values) or not bool(may.any()):
        return None
    sign = -1.0 if higher_is_better else 1.0
    values = np.clip(values, -_HUGE, _HUGE)
    if len(values) > MOST:
        return _by_blocks(values, sign, may)
    if sign > 0 and bool((values > 0).all()) and float(np.median(values)) > _WIDE * float(values.min()):
        return _on_log_scale(values, may)
    cost = _without_cliffs(sign * values)
    raw = _lowest(cost, may)
    curve = smooth(cost)
    if curve is None:
        return Best(raw, float(values[raw]), raw, float("nan"), float(values[raw]), float("nan"), (raw,), raw)
    index = _lowest(curve.level, may)
    luck, left = _luck(curve, may)
    tied = tuple(int(i) for i in np.flatnonzero(may) if i == index or _is_tied(curve, int(i), index))
    near = curve.level <= curve.level[index] + curve.error(index)
    earliest = int(np.flatnonzero(may & near)[0])
    level = sign * float(curve.level[index])
    return Best(index, level, raw, luck, level + sign * left, curve.noise, tied, earliest)


def _on_log_scale(values: Floats, may: NDArray[np.bool_]) -> Best | None:
    """The same on the logarithms: beside an explosion the noise of the linear scale is that of the explosion."""
    found = best_of(np.log(values), allowed=may)
    if found is None:
        return None
    level, corrected = float(np.exp(found.level)), float(np.exp(found.corrected))
    raw = float(values[found.raw_index])
    return replace(found, level=level, corrected=corrected, noise=found.noise * level, luck=found.luck * raw)


def _by_blocks(values: Floats, sign: float, may: NDArray[np.bool_]) -> Best | None:
    """The same for more points than are smoothed one by one: blocks of neighbours stand for their points."""
    levels, block = block_medians(values, MOST - 1)
    starts = np.minimum(np.arange(len(levels)) * block, len(values) - block)
    open_blocks = np.array([bool(may[start : start + block].any()) for start in starts])
    found = best_of(levels, higher_is_better=sign < 0, allowed=open_blocks)
    if found is None:
        return None
    places = [
        int(start) + _lowest(sign * values[start : start + block], may[start : start + block]) for start in starts
    ]
    raw = _lowest(sign * values, may)
    tied = tuple(places[i] for i in found.tied)
    return replace(found, index=places[found.index], raw_index=raw, tied=tied, earliest=places[found.earliest])


def _without_cliffs(cost: Floats) -> Floats:
    """Costs cut off far above their bulk: the fall of the first evaluations says nothing of the noise about the best one."""
    return np.minimum(cost, float(np.median(cost)) + _FAR * robust_sd(cost)) if len(cost) > 2 else cost


def _lowest(cost: Floats, may: NDArray[np.bool_]) -> int:
    return int(np.argmin(np.where(may, cost, np.inf)))


def _is_tied(curve: Smooth, one: int, best: int) -> bool:
    return bool(curve.level[one] - curve.level[best] <= _TIED_Z * curve.error(one, best))


def _luck(curve: Smooth, may: NDArray[np.bool_]) -> tuple[float, float]:
    """By how much the best single value, and the best level, seem better than they are, on average over draws."""
    noise = np.random.default_rng(0).normal(0.0, curve.noise or 0.0, (_DRAWS, len(curve.level)))
    drawn = curve.level + noise
    levels = drawn @ curve.weights.T
    barred = np.where(may, 0.0, np.inf)
    single, smoothed = np.argmin(drawn + barred, axis=1), np.argmin(levels + barred, axis=1)
    rows = np.arange(_DRAWS)
    of_single = curve.level[single] - drawn[rows, single]
    truth = curve.weights @ curve.level
    of_level = truth[smoothed] - levels[rows, smoothed]
    return float(np.mean(of_single)), float(np.mean(of_level))

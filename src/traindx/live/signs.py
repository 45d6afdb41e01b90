"""How a run goes on, as far as stopping asks: whether it still falls, stands still, or rises epoch after epoch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, final

import numpy as np

from traindx.context import MAIN_METRIC, TRAIN_LOSS, VAL_LOSS, Case, Reading, build_case
from traindx.run import Floats, Run, Series
from traindx.signals import best_of, gain, level, local_noise, plateau

_SURE: Final = 2.0  # standard errors: progress is given the benefit of the doubt from 95 % on
_THIRD: Final = 3
_FEWEST: Final = 6  # points under which nothing shows that a curve does not improve
_LONG: Final = 36  # points from which on a line through the last third knows its own error
_WORTH: Final = 0.01  # a hundredth of the level is less than the choice of the seed moves it
_WORTH_OF_GAIN: Final = 0.002  # near zero, a 500th of all progress takes over
_LEARNT: Final = 4.0  # times the noise of one point: a lucky value of a curve that has not moved yet is no progress
_RISEN: Final = 3.0  # standard errors by which a rise over several epochs is beyond noise


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What the curves of a run show now.

    - ``training_falls``: whether the training loss still falls beyond noise, however slowly. True while too few points tell.
    - ``held_out_improves``: the same of the held-out loss or the held-out main metric; None where neither is logged often
      enough to tell.
    - ``stands_still``: whether the last third or more is shown to gain less than is worth having, where it is watched.
    - ``learnt``: whether what is watched ever got better than its start, beyond noise: many a run stands still before it learns.
    - ``epochs_rising``, ``epochs_equal``: for how many epochs up to now the training loss has kept rising, and has stayed the same
      within its noise. Where no epochs are logged, evaluations count as epochs.
    """

    training_falls: bool = True
    held_out_improves: bool | None = None
    stands_still: bool = False
    learnt: bool = True
    epochs_rising: int = 0
    epochs_equal: int = 0

    @property
    def improves(self) -> bool:
        """Whether what counts still gets better: on held-out data where there is some, else in training."""
        return self.training_falls if self.held_out_improves is None else self.held_out_improves


def signs_of(run: Run) -> Signs:
    """Read the signs of a run. Never raises for what the run holds."""
    with np.errstate(all="ignore"):
        return _of_case(build_case(run))


def _of_case(case: Case) -> Signs:
    train, held = case.get(TRAIN_LOSS), _held_out(case)
    if train is not None and len(train.series) >= _FEWEST:
        held = [
            one for one in held if len(one.series) >= _FEWEST
        ]  # what has too few points leaves the answer to training
    watched = held or ([train] if train is not None else [])
    levels = epoch_levels(train.series, held[0].series if held else None) if train is not None else []
    return Signs(
        training_falls=train is None or _improves(train),
        held_out_improves=any(_improves(one) for one in held) if held else None,
        stands_still=bool(watched) and all(_stands(one) for one in watched),
        learnt=not watched or any(_learnt(_cost(one)) for one in watched),
        epochs_rising=epochs_rising(levels),
        epochs_equal=epochs_equal(levels),
    )


def _held_out(case: Case) -> list[Reading]:
    found = [case.get(VAL_LOSS), case.get(MAIN_METRIC)]
    return [r for r in found if r is not None and r.held_out and r.role.direction is not None and len(r.series)]


def _cost(reading: Reading) -> Floats:
    values = reading.series.finite().values
    return -values if reading.role.direction == "higher" else values


def _improves(reading: Reading) -> bool:
    return improves(_cost(reading))


def improves(cost: Floats) -> bool:
    """Whether a curve (lower is better) still falls beyond its noise: over its last third, or since its best.

    Few points are compared with the best level so far, smoothed: a curve improves as long as that lies in its last third.
    True under six points.
    """
    if len(cost) < _FEWEST:
        return True
    late = len(cost) - len(cost) // _THIRD
    if len(cost) >= _LONG:
        gained, error = gain(cost[late:])
        return not gained <= _SURE * error
    best = best_of(cost)
    return best is None or best.earliest >= late


def _stands(reading: Reading) -> bool:
    """Whether the last third or more is shown to gain less than is worth having."""
    cost = _cost(reading)
    if len(cost) < _FEWEST:
        return False
    size = max(1, len(cost) // 10)
    now, begun = float(np.median(cost[-size:])), float(np.median(cost[:size]))
    found = plateau(cost, worth=max(_WORTH * abs(now), _WORTH_OF_GAIN * abs(begun - now)))
    return found is not None


def _learnt(cost: Floats) -> bool:
    """Whether the last third of a curve (lower is better) lies below its start by more than noise, and than nothing."""
    if len(cost) < _FEWEST:
        return False
    begun = float(np.median(cost[: max(1, len(cost) // 10)]))
    fell = begun - float(np.median(cost[-(len(cost) // _THIRD) :]))
    return fell > max(_WORTH * abs(begun), _LEARNT * local_noise(cost))


Level = tuple[float, float]
"""The level of a loss over one epoch, and its standard error (NaN where one epoch has too few points to tell)."""


def epoch_levels(series: Series, beside: Series | None = None) -> list[Level]:
    """Return the level of a training loss in every epoch that is whole, in order.

    Epochs are those logged; without them, the stretches between the evaluations in ``beside``; without these, nothing.
    """
    good = series.finite()
    if bool(np.isfinite(good.epochs).any()):
        # an epoch that is logged at its end carries its own number: 1.0 is the end of epoch 0
        number = np.floor(good.epochs - 1e-6)
    elif beside is not None and len(beside) > 1:
        number = np.searchsorted(np.unique(beside.steps), good.steps).astype(np.float64)
    else:
        return []
    starts = np.flatnonzero(np.diff(number, prepend=np.nan) != 0)
    if len(good) < 2 * len(starts):  # one point an epoch: the last one is whole
        return [(float(value), float("nan")) for value in good.values]
    ends = [*starts[1:], len(good)]
    levels = [level(good.values, int(a), int(b) - 1) for a, b in zip(starts, ends, strict=True)]
    return [(one.value, one.error) for one in levels[:-1]]


def epochs_rising(levels: list[Level]) -> int:
    """Return over how many epochs, up to the last, the level has kept rising, and beyond noise as a whole.

    No single step of it may be a fall, and in all it is more than 1 %. The noise of an epoch's level is its own error; where one point stands for an epoch,
    the scatter of the differences before the rise.
    """
    values = np.array([value for value, _ in levels])
    falls = np.flatnonzero(np.diff(values) <= 0)
    first = int(falls[-1]) + 1 if len(falls) else 0
    count = len(values) - 1 - first
    if count < 1:
        return 0
    error = _error(levels, first)
    rise = float(values[-1] - values[first])
    return count if rise > max(_RISEN * error, _WORTH * abs(float(values[first]))) else 0


def epochs_equal(levels: list[Level]) -> int:
    """Return over how many epochs, up to the last, the level has stayed the same within its noise, and within 1 %.

    Equal to the last digit counts whatever the noise. A slow fall does not count: the first and last of these epochs may not
    differ by more than two errors.
    """
    values = np.array([value for value, _ in levels])
    for first in range(len(values) - 1):
        part = values[first:]
        error = _error(levels, first)
        moved = abs(float(part[-1] - part[0]))
        half = len(part) // 2
        drift = abs(float(np.mean(part[:half]) - np.mean(part[-half:])))
        same = drift <= _SURE * error / max(1.0, half**0.5) and moved <= _SURE * error
        if float(np.ptp(part)) == 0.0 or (same and float(np.ptp(part)) <= _WORTH * abs(float(np.median(part)))):
            return len(part) - 1
    return 0


def _error(levels: list[Level], first: int) -> float:
    """The error of a difference between two levels from ``first`` on."""
    own = [error for _, error in levels[first:]]
    if all(error == error for error in own):
        return float(np.hypot(own[0], own[-1]))
    values = np.array([value for value, _ in levels])
    steps = np.diff(values, n=2) / 6**0.5 if len(values) > _FEWEST else np.empty(0)  # cancels a steady trend
    return float(1.4826 * np.median(np.abs(steps)) * 2**0.5) if len(steps) else 0.0

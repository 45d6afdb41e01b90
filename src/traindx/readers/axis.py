"""Which columns of a table count: step, epoch, clock, and the iteration that restarts in every epoch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from traindx.run import Floats

# Best first: a counter of the training loop itself before the counter of a tracker, updates before samples.
_STEPS = (
    "trainer/global_step", "train/global_step", "global_step", "globalstep", "global_steps", "current_step",
    "step", "steps", "iteration", "iterations", "iter", "iters", "num_updates", "num_update", "n_updates", "update",
    "updates", "train_step", "train_steps", "training_step", "training_iteration", "global_iter", "global_iteration",
    "n_iter", "num_iter", "num_iters", "current_iteration", "iter_num", "optimizer_step", "time/total_timesteps",
    "total_timesteps", "misc/total_timesteps", "misc/timesteps", "timesteps", "timesteps_total", "total_timestep",
    "num_timesteps", "totalenvsteps", "total_env_steps", "env_steps", "env_step", "environment_steps", "num_env_steps",
    "total_steps", "frames", "num_frames", "total_num_steps", "_step", "misc/nupdates", "nupdates",
    "evaluation/iteration", "time/iterations", "itr", "batch_idx", "batch_id", "minibatch", "mini_batch", "batch",
    "num_batches_tracked", "it", "round", "rounds", "generation", "tokens_seen", "num_samples_seen", "n_samples_seen",
)  # fmt: skip
_EPOCHS = (
    "epoch", "epochs", "current_epoch", "epoch_num", "epoch_number", "n_epoch", "epoch_idx", "epoch_id",
    "train/epoch", "trainer/epoch", "num_epoch", "time/epoch", "epoch_i", "ep", "epoca", "época", "epoche", "époque",
)  # fmt: skip
_TIMES = (
    "_timestamp", "wall_time", "walltime", "timestamp", "timestamps", "time_stamp", "datetime", "date_time",
    "unix_time", "_runtime", "runtime", "relative_time", "relative_time_(process)", "time/time_elapsed",
    "time_elapsed", "elapsed_time", "elapsed", "elapsed_seconds", "elapsed_s", "time_total_s", "misc/time_elapsed",
    "total_duration", "total_time", "total_train_time", "train_time", "wall", "train_wall", "time", "date", "seconds",
    "time_sec",
)  # fmt: skip
# Names that also stand for a metric, so they are dropped as counters only where they serve as one.
_WEAK = {
    "batch", "it", "round", "rounds", "generation", "ep", "wall", "train_wall", "train_time", "total_time", "time",
    "date", "seconds", "runtime", "elapsed", "time_sec", "total_duration", "frames", "update", "updates", "n_updates",
    "misc/nupdates", "nupdates", "evaluation/iteration", "tokens_seen", "num_samples_seen",
    "n_samples_seen", "total_steps", "num_batches_tracked", "misc/timesteps",
}  # fmt: skip
_AXIS_NAMES = frozenset((*_STEPS, *_EPOCHS, *_TIMES))
# A counter that is missing on more rows than this is a metric of some rows, unless nothing else counts.
_COVERAGE = 0.5
# Columns that count episodes: beside one of them, "steps" may be how long each of them took.
_EPISODES = frozenset(
    {"episode", "episodes", "ep", "i_episode", "episode_num", "episode_idx", "game", "games", "trial"}
)
_WANDERING = 0.25


@final
@dataclass(frozen=True, slots=True)
class Column:
    """One column: its numbers, and on which rows it was logged (None: on all).

    ``values`` has one number for each row, where those of rows without it mean nothing; or it is packed, and has only
    the numbers of the rows that are present.
    """

    values: Floats
    present: NDArray[np.bool_] | None = None

    def rows(self) -> NDArray[np.bool_]:
        """Return on which rows the column was logged."""
        return np.ones(len(self.values), dtype=np.bool_) if self.present is None else self.present

    def packed(self) -> Floats:
        """Return the values that were logged, in order."""
        if self.present is None or len(self.values) != len(self.present):
            return self.values
        return self.values[self.present]

    def full(self) -> Floats:
        """Return one value for each row, NaN where the column was not logged."""
        if self.present is None:
            return self.values
        values = np.full(len(self.present), np.nan)
        values[self.present] = self.packed()
        return values

    def known(self) -> Floats:
        """Return the finite values that were logged, in order."""
        values = self.packed()
        good = np.isfinite(values)
        return values if bool(good.all()) else values[good]


@final
@dataclass(frozen=True, slots=True)
class Axis:
    """The names of the columns that count; ``inner`` is an iteration that restarts in every epoch."""

    step: str | None = None
    epoch: str | None = None
    time: str | None = None
    inner: str | None = None


def find_axis(names: Iterable[str], columns: Mapping[str, Column]) -> Axis:
    """Return which of ``names`` are axes, by name and by what the numbers do.

    A clock must not run backwards, a counter must not stand still, and an iteration that starts again whenever the
    epoch grows is an inner one.
    """
    by_key: dict[str, str] = {}
    for name in names:
        _ = by_key.setdefault(_key(name), name)
    epoch = _best(_EPOCHS, by_key, columns, rising=False)
    step = _best(_STEPS, by_key, columns, rising=False)
    time = _best(_TIMES, by_key, columns, rising=True)
    if step is not None and epoch is not None:
        if restarts_in_epochs(columns[step], columns[epoch]):
            return Axis(None, epoch, time, step)
        still = _stands_still(columns[step]) and not _stands_still(columns[epoch])
        if still or _share(columns[step]) <= _COVERAGE < _share(columns[epoch]):
            step = None
    if step is not None and _EPISODES & by_key.keys() and _wanders(columns[step]):
        step = None  # how long each episode took
    return Axis(step, epoch, time, None)


def counters(axis: Axis, names: Iterable[str]) -> set[str]:
    """Return the columns that are no metric: the axes, and further names that can only be counters or clocks."""
    used = {axis.step, axis.epoch, axis.time, axis.inner}
    sure = _AXIS_NAMES - _WEAK
    return {name for name in names if name in used or _key(name) in sure}


def is_axis_name(name: str) -> bool:
    """Whether a column of this name can be a step, an epoch or a clock."""
    return _key(name) in _AXIS_NAMES


def is_clock_name(name: str) -> bool:
    """Whether a column of this name can be a clock."""
    return _key(name) in _TIMES


def restarts_in_epochs(inner: Column, epoch: Column) -> bool:
    """Whether a counter starts again at most of the rows where the epoch grows."""
    counts, ages = inner.full(), epoch.full()
    both = np.isfinite(counts) & np.isfinite(ages)
    ups = np.flatnonzero(np.diff(np.floor(ages[both])) > 0)
    if not len(ups):
        return False
    change = np.diff(counts[both])[ups]
    return bool((change < 0).mean() > 0.5) or (bool((change == 0).all()) and _stands_still(inner))


def global_step(inner: Column, epoch: Column, epoch_length: float | None = None) -> Floats:
    """Return the iteration over the whole run from one that restarts in every epoch.

    Epochs may count from 0 or from 1. Where ``epoch_length`` is not told, it is the largest iteration seen (plus one
    logging interval where iterations count from 0). A row without iteration stands at the end of its epoch.
    """
    counts, seen = inner.full(), inner.known()
    if epoch_length is None:
        gaps = np.diff(seen)
        interval = float(np.median(gaps[gaps > 0])) if bool((gaps > 0).any()) else 1.0
        epoch_length = float(seen.max()) + (interval if seen.min() == 0 else 0.0)
    ages = carried(epoch)
    first = 0.0 if float(ages.min()) < 1 else 1.0
    return (np.floor(ages) - first) * epoch_length + np.where(np.isfinite(counts), counts, epoch_length)


def carried(column: Column) -> Floats:
    """Return the counter of each row, gaps filled by the last value before them (by the first one, at the start)."""
    values = column.full()
    known = np.isfinite(values)
    if bool(known.all()):
        return values
    return values[np.maximum.accumulate(np.where(known, np.arange(len(values)), int(known.argmax())))]


def _key(name: str) -> str:
    return name.strip().lower().replace(" ", "_").replace("-", "_").replace(".", "_")


def _best(
    ranked: Iterable[str], by_key: Mapping[str, str], columns: Mapping[str, Column], *, rising: bool
) -> str | None:
    """Return the first ranked column that most rows have; failing that, the one that the most rows have."""
    fallback: tuple[float, str] | None = None
    for key in ranked:
        name = by_key.get(key)
        if name is None or not _serves(key, columns[name], rising=rising):
            continue
        share = _share(columns[name])
        if share > _COVERAGE:
            return name
        if fallback is None or share > fallback[0]:
            fallback = (share, name)
    return None if fallback is None else fallback[1]


def _serves(key: str, column: Column, *, rising: bool) -> bool:
    if not len(column.known()) or (key in _WEAK and _stands_still(column)):
        return False
    return _rises(column) if rising else True


def _share(column: Column) -> float:
    return len(column.known()) / max(len(column.values if column.present is None else column.present), 1)


def _rises(column: Column) -> bool:
    """Whether the column is a clock: it grows over most rows, with room for a few restarts."""
    change = np.diff(column.known())
    return not len(change) or (bool((change > 0).any()) and bool((change < 0).mean() <= 0.05))


def _wanders(column: Column) -> bool:
    """Whether a column falls at every few rows: a length or a score, not a counter that started again."""
    change = np.diff(column.known())
    return len(change) >= 6 and bool((change < 0).mean() > _WANDERING)


def _stands_still(column: Column) -> bool:
    known = column.known()
    return len(known) > 2 and bool(known.min() == known.max())

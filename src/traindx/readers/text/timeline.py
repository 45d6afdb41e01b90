"""Which step and epoch each line belongs to: its own counters, or those of the line or heading above it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, final

import numpy as np
from numpy.typing import NDArray

from traindx.readers.text.names import split_mark
from traindx.readers.text.shape import Field
from traindx.readers.text.templates import Batch
from traindx.run import Floats

_BEST_STEP: Final = ("global", "num_updates", "total", "timestep")
_MOSTLY: Final = 0.8  # a restart or a lost line may interrupt the count
_PART_STEP: Final = ("micro", "update", "local")


@final
@dataclass(frozen=True, slots=True, eq=False)
class Counters:
    """The counters of a batch's own lines; None where it prints none."""

    step: Floats | None
    epoch: Floats | None
    inner: Floats | None
    length: float
    progress: Floats | None
    total: Floats | None


@final
@dataclass(slots=True, eq=False)
class Timeline:
    """Step and epoch in force at each line, NaN before the first."""

    steps: Floats
    epochs: Floats
    first_epoch: float
    epoch_length: float


def counters_of(batch: Batch) -> Counters:
    """Return the counters that the lines of ``batch`` print."""
    by_role = {
        role: [f for f in batch.shape.fields if f.role == role] for role in ("step", "epoch", "inner", "progress")
    }
    step = max(by_role["step"], key=_rank, default=None)
    inner = by_role["inner"][0] if by_role["inner"] else None
    progress = by_role["progress"][0] if by_role["progress"] else None
    counted = inner or step
    epoch = by_role["epoch"][0] if by_role["epoch"] else None
    if not (counted or epoch) and progress is not None and _is_rounds(batch, progress):
        epoch, progress = progress, None
    return Counters(
        step=_values(batch, step),
        epoch=_values(batch, epoch),
        inner=_values(batch, inner),
        length=_length(batch, counted),
        progress=_values(batch, progress),
        total=batch.columns[progress.over] if progress is not None and progress.over >= 0 else None,
    )


def _is_rounds(batch: Batch, progress: Field) -> bool:
    """Whether ``[3/25]`` counts epochs: each line validates, and the count goes up by one from line to line."""
    validated = any(field.split == "val" or split_mark(field.name) == "val" for field in batch.shape.metrics)
    gaps = np.diff(batch.columns[progress.column])
    return validated and progress.over >= 0 and bool((gaps == 1).mean() > _MOSTLY if len(gaps) else True)


def _rank(field: Field) -> int:
    name = field.name.lower()
    return sum(word in name for word in _BEST_STEP) * 2 - sum(
        word == name or name.startswith(word) for word in _PART_STEP
    )


def _values(batch: Batch, field: Field | None) -> Floats | None:
    return None if field is None else batch.columns[field.column] * field.scale


def _length(batch: Batch, field: Field | None) -> float:
    if field is None or field.over < 0:
        return float("nan")
    return float(np.max(batch.columns[field.over], initial=0.0)) or float("nan")  # runs of other data may share the log


def timeline_of(
    size: int, batches: Sequence[Batch], counters: Sequence[Counters], barriers: NDArray[np.int64]
) -> Timeline:
    """Return the step and epoch in force at each of ``size`` lines; they end at ``barriers``, headings of a document."""
    epochs = np.full(size, np.nan)
    for batch, own in zip(batches, counters, strict=True):
        if own.epoch is not None:
            epochs[batch.lines] = own.epoch
    first = 0.0 if not np.isfinite(epochs).any() or np.nanmin(epochs) < 1 else 1.0
    filled = forward(epochs, barriers)
    length = _epoch_length(batches, counters, filled)
    steps = np.full(size, np.nan)
    largest = max(
        (float(own.total.max()) for own in counters if own.total is not None and len(own.total)), default=np.nan
    )
    bars: list[tuple[NDArray[np.int64], Floats]] = []
    for batch, own in zip(batches, counters, strict=True):
        if batch.shape.split in ("val", "test") and own.step is None:
            continue
        if own.progress is not None and own.total is not None:
            main = own.total == largest
            bars.append((batch.lines[main], own.progress[main]))
        else:
            found = own_steps(batch, own, filled, first, length)
            if found is not None:
                steps[batch.lines] = found
    _add_bars(steps, bars, filled, first, largest)
    return Timeline(forward(steps, barriers), filled, first, length)


def _add_bars(
    steps: Floats, bars: list[tuple[NDArray[np.int64], Floats]], epochs: Floats, first: float, length: float
) -> None:
    """Progress bars count over the run, or, where they start again, inside each epoch."""
    if not bars:
        return
    lines = np.concatenate([lines for lines, _ in bars])
    values = np.concatenate([values for _, values in bars])
    order = np.argsort(lines, kind="stable")
    lines, values = lines[order], values[order]
    if not len(values) or (len(values) > 1 and bool((values == length).all())):
        return  # only full bars: the epoch says more
    at = epochs[lines]
    falls = np.concatenate([[False], (np.diff(values) < 0) | ((np.diff(values) == 0) & (np.diff(at) > 0))])
    if falls.any():
        round_ = np.floor(at) - first if np.isfinite(at).all() and len(np.unique(at)) > 1 else np.cumsum(falls)
        values = round_ * length + values
    steps[lines] = values


def own_steps(batch: Batch, own: Counters, epochs: Floats, first: float, length: float) -> Floats | None:
    """Return the steps that the lines of ``batch`` tell themselves, over the whole run; None without a counter."""
    at = own.epoch if own.epoch is not None else epochs[batch.lines]
    counts_batches = _in_evaluation(batch, own, at, length)
    if own.step is not None and not counts_batches and not _restarts(own.step, at):
        return own.step
    if counts_batches:
        return (np.floor(at) - first + 1) * length
    inner = own.inner if own.inner is not None else own.step
    if inner is None or not np.isfinite(at).all():
        return own.inner if own.step is None and _counts_alone(inner, epochs) else own.step
    if batch.shape.split in ("val", "test") and np.isfinite(length) and own.step is None:
        return (np.floor(at) - first + 1) * length
    size = length if np.isfinite(length) else own.length
    if not np.isfinite(size):
        size = float(inner.max())
    return (np.floor(at) - first) * size + inner


def _in_evaluation(batch: Batch, own: Counters, epochs: Floats, length: float) -> bool:
    """Whether the lines count the batches of an evaluation, ``iter: 50/50``, and not the steps of training."""
    other = np.isfinite(own.length) and np.isfinite(length) and own.length != length
    return bool(batch.shape.split in ("val", "test") and other and np.isfinite(epochs).all())


def _counts_alone(inner: Floats | None, epochs: Floats) -> bool:
    """Whether a count of batches goes through the whole run: no epoch is told anywhere, and it never falls."""
    return inner is not None and not np.isfinite(epochs).any() and bool((np.diff(inner) >= 0).all())


def _restarts(step: Floats, epoch: Floats) -> bool:
    """Whether a counter starts again whenever the epoch grows."""
    if len(step) < 2:
        return False
    ups = np.flatnonzero(np.diff(np.floor(epoch)) > 0)
    if not len(ups):
        return False
    change = np.diff(step)[ups]
    return bool((change < 0).mean() > 0.5) or (
        bool((change == 0).all()) and bool((step == step[0]).all()) and len(step) > 2
    )


def _epoch_length(batches: Sequence[Batch], counters: Sequence[Counters], epochs: Floats) -> float:
    """How many iterations an epoch has: told as in 3/100, else the largest seen."""
    told, most = float("nan"), 0
    counts: list[Floats] = []
    for batch, own in zip(batches, counters, strict=True):
        inner = own.inner if own.inner is not None else own.step
        if inner is None or batch.shape.split in ("val", "test"):
            continue
        at = own.epoch if own.epoch is not None else epochs[batch.lines]
        if own.inner is None and not _restarts(inner, at):
            continue
        if np.isfinite(own.length) and len(inner) > most:
            told, most = own.length, len(inner)
        counts.append(inner[np.isfinite(inner)])
    seen = np.unique(np.concatenate(counts)) if counts else np.zeros(0)
    return told if np.isfinite(told) or not len(seen) else _largest(seen)


def _largest(inner: Floats) -> float:
    """Where counting starts at 0, an epoch ends one distance of the printed counts beyond the last."""
    gaps = np.diff(inner)
    return float(inner.max()) + (float(np.median(gaps)) if len(gaps) and inner.min() == 0 else 0.0)


def forward(values: Floats, barriers: NDArray[np.int64] | None = None) -> Floats:
    """Return ``values`` with each NaN replaced by the last number before it, but never from beyond a barrier line."""
    if not len(values):
        return values
    places = np.arange(len(values))
    last = np.maximum.accumulate(np.where(np.isnan(values), 0, places))
    filled = values[last]
    if barriers is not None and len(barriers):
        marks = np.zeros(len(values), dtype=np.int64)
        marks[barriers] = barriers
        filled[last < np.maximum.accumulate(marks)] = np.nan
    return filled

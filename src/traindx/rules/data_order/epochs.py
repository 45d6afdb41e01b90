"""The training loss laid over itself epoch by epoch."""

from __future__ import annotations

import numpy as np

from traindx.context import Reading
from traindx.rules.evidence import log_levels
from traindx.run import Floats
from traindx.signals import Fold, fold

# Under so many points an epoch has no inside.
_FEWEST_INSIDE = 8


def folded(reading: Reading, bins: int = 8) -> Fold | None:
    """Return the logarithm of a positive loss, folded by epochs, or None where no epochs with an inside are known."""
    logs, turns = log_levels(reading, 3 * bins), turns_of(reading)
    if logs is None or turns is None or len(turns) != len(logs):
        return None
    return fold(logs, turns, bins)


def turns_of(reading: Reading) -> Floats | None:
    """The epoch of each level of the curve as a fraction, or None where the log does not tell it.

    Where whole epochs are counted over many points, the points of one are spread evenly over it.
    """
    curve, series = reading.curve, reading.series.finite()
    if curve is None or not len(series):
        return None
    epochs = series.epochs[:: curve.block][: len(curve.levels)]
    if not bool(np.isfinite(epochs).all()) or bool((np.diff(epochs) < 0).any()):
        return None
    if bool((epochs == np.floor(epochs)).all()):
        epochs = _spread(epochs)
    inside = np.bincount(np.floor(epochs - epochs[0]).astype(np.intp)) if epochs[-1] - epochs[0] < len(epochs) else None
    return epochs if inside is not None and float(np.median(inside)) >= _FEWEST_INSIDE else None


def _spread(epochs: Floats) -> Floats:
    """Whole epochs as fractions: the k-th of n points of an epoch lies at k/n of it."""
    starts = np.flatnonzero(np.concatenate(([True], np.diff(epochs) > 0)))
    sizes = np.diff(np.append(starts, len(epochs)))
    inside = np.arange(len(epochs)) - np.repeat(starts, sizes)
    return np.asarray(epochs + inside / np.repeat(sizes, sizes), dtype=np.float64)


def points_per_epoch(reading: Reading) -> float:
    """How many points of the curve's levels one epoch holds; NaN where it is not known."""
    turns = turns_of(reading)
    if turns is None or not turns[-1] > turns[0]:
        return float("nan")
    return float(len(turns) / (turns[-1] - turns[0]))

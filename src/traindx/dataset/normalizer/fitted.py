"""What a fit found, as plain values: the centre and scale of every group, and how the data can be told again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from traindx.dataset.normalizer.fitting import Fitting
from traindx.dataset.normalizer.groups import Label
from traindx.dataset.normalizer.layout import Layout
from traindx.dataset.normalizer.moments import Moments
from traindx.dataset.normalizer.ranks import quantiles
from traindx.dataset.normalizer.scaling import QUARTILE_RANGE, Method
from traindx.errors import UsageError

Floats = NDArray[np.float64]

CONSTANT = 1e-6
"""A deviation below this share of the largest magnitude is rounding (float32 keeps 6e-8) or drift, not information; divided by
it, noise would become the signal."""


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fitted:
    """A normaliser's whole memory. Tables have one row a group and a last one that pools all; there is only that one without groups.

    ``rank_error`` is how far the rank of a median or quartile may be off, as a share of the values: 0 where they are exact. ``rows`` and ``rows_hash`` are the data's fingerprint, beside its layout, dtype, names and moments.
    """

    method: Method
    layout: Layout
    dtype: str
    names: tuple[str, ...]
    labels: tuple[Label, ...]
    masked: bool
    rows: int
    rows_hash: int
    center: Floats
    scale: Floats
    constant: NDArray[np.bool_]
    rank_error: float
    moments: Moments

    def called(self, feature: int) -> str:
        """Return how messages call a feature."""
        return self.names[feature] if self.names else f"feature {feature}"


def settle(fitting: Fitting) -> Fitted:
    """Return what a fit has found. Raises ``UsageError`` where it has seen no number."""
    layout = fitting.layout
    names = np.array(list(fitting.codes))
    order = np.argsort(names)
    labels = tuple(names[order].tolist()) if fitting.grouped else ()
    if layout is None or not bool(np.any(fitting.moments.count > 0)):
        raise UsageError(
            "nothing to fit on: no active, finite value", hint="is the mask 0 everywhere, or all of it NaN?"
        )
    own = fitting.moments.rows(order)
    moments = own.joined(own.pooled()) if labels else own
    constant = _constant(moments)
    center, scale, rank_error = moments.mean, moments.deviation, 0.0
    if fitting.method != "standard":
        center, scale, rank_error = _quartiles(fitting, order, moments)
    _refuse_extremes(scale, constant, moments)
    same = moments.minimum == moments.maximum
    return Fitted(
        method=fitting.method,
        layout=layout,
        dtype=fitting.dtype,
        names=fitting.names,
        labels=labels,
        masked=fitting.masked,
        rows=fitting.rows,
        rows_hash=fitting.hash,
        center=np.where(moments.count > 0, np.where(same, moments.minimum, center), 0.0),
        scale=np.where(constant, 1.0, scale),
        constant=constant,
        rank_error=rank_error,
        moments=moments,
    )


def _quartiles(fitting: Fitting, order: NDArray[np.intp], moments: Moments) -> tuple[Floats, Floats, float]:
    """Return median, robust deviation and the largest error of rank.

    Where the quartiles coincide although the feature varies (half of its values or more are one and the same), the deviation about the
    median takes the place of their distance.
    """
    features = moments.features
    cells = [[fitting.ranks[int(code), feature] for code in order] for feature in range(features)]
    groups = [[[cell] for cell in column] for column in cells]
    found = np.empty((3, len(moments), features))
    for feature, column in enumerate(groups):
        for row, sketches in enumerate([*column, cells[feature]][: len(moments)]):
            found[:, row, feature] = quantiles(sketches, (0.25, 0.5, 0.75))
    low, middle, high = (np.where(moments.count > 0, quartile, 0.0) for quartile in found)
    about = np.sqrt(moments.variance + (moments.mean - middle) ** 2)
    magnitude = np.maximum(np.abs(low), np.abs(high))
    scale: Floats = np.where(high - low > CONSTANT * magnitude, (high - low) / QUARTILE_RANGE, about)
    error = max((cell.error / max(cell.count, 1) for column in cells for cell in column), default=0.0)
    return middle, scale, error


def _constant(moments: Moments) -> NDArray[np.bool_]:
    magnitude = np.maximum(np.abs(moments.minimum), np.abs(moments.maximum))
    with np.errstate(all="ignore"):
        small = (moments.maximum - moments.minimum <= CONSTANT * magnitude) | (
            moments.deviation <= CONSTANT * magnitude
        )
    found: NDArray[np.bool_] = (moments.count == 0) | (moments.minimum == moments.maximum)
    return found | (small & (moments.variance > 0))


def _refuse_extremes(scale: Floats, constant: NDArray[np.bool_], moments: Moments) -> None:
    """Refuse numbers whose squares leave float64."""
    lost = ~constant & ~(np.isfinite(scale) & (scale > 0))
    if bool(np.any(lost)):
        row, feature = (int(v) for v in np.argwhere(lost)[0])
        low, high = moments.minimum[row, feature], moments.maximum[row, feature]
        raise UsageError(
            f"feature {feature} lies between {low:.3g} and {high:.3g}: the squares leave the range of float64",
            hint="multiply the data by a power of two first",
        )

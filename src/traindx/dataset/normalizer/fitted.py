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
from traindx.dataset.normalizer.scaling import Method
from traindx.errors import UsageError

Floats = NDArray[np.float64]

CONSTANT = 1e-6
"""A deviation below this share of the largest magnitude is rounding (float32 keeps 6e-8) or drift, not information; divided by
it, noise would become the signal."""


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fitted:
    """A normaliser's whole memory. Tables have one row a group and a last one that pools all; there is only that one without groups.

    ``rows`` and ``rows_hash`` are the data's fingerprint, beside its layout, dtype, names and moments.
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
    moments: Moments

    def called(self, feature: int) -> str:
        """Return how messages call a feature."""
        return self.names[feature] if self.names else f"feature {feature}"


def settle(fitting: Fitting) -> Fitted:
    """Return what a fit has found. Raises ``UsageError`` where it has seen no number."""
    layout = fitting.layout
    labels = tuple(sorted(fitting.codes)) if fitting.grouped else ()  # type: ignore[type-var]
    order = np.array([fitting.codes[label] for label in sorted(fitting.codes)], dtype=np.intp)  # type: ignore[type-var]
    if layout is None or not bool(np.any(fitting.moments.count > 0)):
        raise UsageError(
            "nothing to fit on: no active, finite value", hint="is the mask 0 everywhere, or all of it NaN?"
        )
    own = fitting.moments.rows(order)
    moments = own.joined(own.pooled()) if labels else own
    constant = _constant(moments)
    center, scale = moments.mean, moments.deviation
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
        moments=moments,
    )


def _constant(moments: Moments) -> NDArray[np.bool_]:
    magnitude = np.maximum(np.abs(moments.minimum), np.abs(moments.maximum))
    with np.errstate(all="ignore"):
        flat = (moments.maximum - moments.minimum <= CONSTANT * magnitude) | (moments.deviation <= CONSTANT * magnitude)
        return (moments.count == 0) | (flat & (moments.variance > 0)) | (moments.minimum == moments.maximum)


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

"""A look at some rows of the data that are about to be normalised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from traindx.dataset.normalizer.families import as_numpy, family_of
from traindx.dataset.normalizer.fitted import Fitted
from traindx.dataset.normalizer.groups import Groups, labels_of
from traindx.dataset.normalizer.layout import flat_mask
from traindx.dataset.normalizer.moments import Moments, block_moments
from traindx.errors import UsageError

MOST_ROWS = 4096
"""Rows looked at, evenly spread: enough to tell a tenfold scale under a kurtosis of 100."""

_QUARTILES = (0.25, 0.5, 0.75)


@final
@dataclass(frozen=True, slots=True)
class Sample:
    """What some rows look like: for each group that occurs, its row in the fitted tables, and its moments and quartiles by feature.

    ``unknown`` has the labels that the normaliser does not know. ``quartiles`` has the shape (3, groups, features).
    """

    rows: NDArray[np.intp]
    moments: Moments
    quartiles: NDArray[np.float64]
    unknown: NDArray[Any]


def sampled(fitted: Fitted, values: Any, *, group: object, mask: object) -> Sample:
    """Return the look. Raises ``UsageError`` where group or mask do not fit the values."""
    shape = tuple(int(n) for n in values.shape)
    step = -(-shape[0] // MOST_ROWS)
    block = as_numpy(values[::step]).astype(np.float64)
    codes, unknown = _codes(fitted, group, shape, step)
    codes = np.broadcast_to(codes.reshape(codes.shape + (1,) * (block.ndim - codes.ndim)), block.shape)
    flat = fitted.layout.flat(block)
    rows, inverse = np.unique(fitted.layout.flat(codes)[:, 0], return_inverse=True)
    active = _active(mask, shape, step, block, fitted)
    moments = block_moments(flat, active, inverse.reshape(-1).astype(np.intp), len(rows))
    return Sample(rows.astype(np.intp), moments, _quartiles(flat, active, inverse.reshape(-1), len(rows)), unknown)


def _codes(fitted: Fitted, group: object, shape: tuple[int, ...], step: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the table row of each sampled row (or of all), and the unknown labels."""
    if not fitted.labels or group is None:
        return np.zeros((), dtype=np.int64), np.array([])
    labels = labels_of(group)
    if labels.ndim and labels.shape != shape[: labels.ndim]:
        raise UsageError(
            f"groups of shape {labels.shape} do not fit data of shape {shape}", hint="give one group a row"
        )
    labels = labels[::step] if labels.ndim else labels
    rows, strange = Groups(fitted.labels).rows(labels, family_of(labels), labels)
    return np.asarray(rows), labels[np.asarray(strange)]


def _active(
    mask: object, shape: tuple[int, ...], step: int, block: NDArray[np.float64], fitted: Fitted
) -> NDArray[np.bool_] | None:
    if mask is None or isinstance(mask, str):
        return None
    cover = as_numpy(mask)
    cover = cover[::step] if cover.ndim and len(cover) == shape[0] else cover
    return flat_mask(cover, block.shape, fitted.layout)


def _quartiles(
    flat: NDArray[np.float64], active: NDArray[np.bool_] | None, codes: NDArray[np.intp], groups: int
) -> NDArray[np.float64]:
    used = np.isfinite(flat) if active is None else np.isfinite(flat) & active
    found = np.full((3, groups, flat.shape[1]), np.nan)
    for code in range(groups):
        inside = codes == code
        for feature in range(flat.shape[1]):
            column = flat[inside & used[:, feature], feature]
            if len(column):
                found[:, code, feature] = np.quantile(column, _QUARTILES)
    return found

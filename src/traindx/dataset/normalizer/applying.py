"""A normaliser's tables brought to the data: in its family, its dtype, on its device, for its groups and its mask."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from traindx.dataset.normalizer.families import Family, as_numpy, family_of
from traindx.dataset.normalizer.fitted import Fitted
from traindx.dataset.normalizer.groups import Groups, labels_of, unknown_groups
from traindx.dataset.normalizer.layout import spread_mask
from traindx.dataset.normalizer.scaling import Method, Scales, in_two_parts
from traindx.errors import UsageError

Unknown = Literal["refuse", "pooled"]
Arithmetic = Callable[[Any, Scales, Any, Method, Family], Any]


def apply(fitted: Fitted, values: Any, arithmetic: Arithmetic, *, group: object, mask: object, unknown: Unknown) -> Any:
    """Return the values after the arithmetic, in the dtype that they came in."""
    family = family_of(values)
    given = np.asarray(values) if family.name == "numpy" else values
    shape = tuple(int(n) for n in given.shape)
    fitted.layout.refuse(shape)
    dtype, back = family.computed_in(given), family.handed_back_in(given)
    scales = _scales(fitted, given, family, dtype, group, unknown)
    active = _active(fitted, mask, family, given, shape)
    with np.errstate(all="ignore"):  # NaN and infinities pass through as they are
        return family.cast(arithmetic(family.cast(given, dtype), scales, active, fitted.method, family), back)


def _scales(fitted: Fitted, values: Any, family: Family, dtype: str, group: object, unknown: Unknown) -> Scales:
    """Return centre and scale as they meet the values."""
    if bool(fitted.labels) != (group is not None):
        raise UsageError(
            "fitted per group, and no group given" if fitted.labels else "fitted without groups, and groups given"
        )
    layout, ndim = fitted.layout, len(values.shape)
    traced = family.traced(values) or (group is not None and family_of(group).traced(group))
    center = _silent(fitted.center) if traced and unknown == "refuse" and fitted.labels else fitted.center
    parts = (*in_two_parts(center, fitted.scale, dtype), fitted.scale)
    tables = [None if part is None else family.constant(part, values, dtype) for part in parts]
    if not fitted.labels:
        return Scales(*(None if t is None else layout.meeting(t[0], ndim, 0) for t in tables))
    known = Groups(fitted.labels)
    rows, strange = known.rows(group, family, values)
    if unknown == "refuse" and not traced and bool(strange.any()):
        raise unknown_groups(labels_of(group)[as_numpy(strange)], known)
    return Scales(*(None if t is None else layout.meeting(t[rows], ndim, rows.ndim) for t in tables))


def _silent(center: NDArray[np.float64]) -> NDArray[np.float64]:
    """Replace the pooled row by NaN: a compiled program cannot raise, so an unknown group has to show in its result."""
    return np.concatenate([center[:-1], np.full_like(center[-1:], np.nan)])


def _active(fitted: Fitted, mask: object, family: Family, values: Any, shape: tuple[int, ...]) -> Any:
    """Return which entries are active, as they meet the values; None for all."""
    if mask is None and fitted.masked:
        raise UsageError("fitted under a mask, and no mask given", hint="mask='all' says that every entry is active")
    if mask is None or (isinstance(mask, str) and mask == "all"):
        return None
    own = mask if family_of(mask).name == family.name and hasattr(mask, "shape") else as_numpy(mask)
    spread = spread_mask(own, shape) != 0
    return spread if family.name == family_of(own).name else family.constant(as_numpy(spread), values, "bool")

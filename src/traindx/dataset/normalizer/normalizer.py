"""Data to a common scale and back, with the memory of what it was fitted on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from typing import Any, TypeVar, cast, final

import numpy as np
from numpy.typing import NDArray

from traindx.arrays import ArraySource
from traindx.dataset.normalizer import saving
from traindx.dataset.normalizer.applying import Unknown, apply
from traindx.dataset.normalizer.blocks import fit_file, fit_source
from traindx.dataset.normalizer.fitted import Fitted, settle
from traindx.dataset.normalizer.fitting import Fitting
from traindx.dataset.normalizer.scaling import Method, from_scale, to_scale
from traindx.dataset.normalizer.suspicion import Problem, refusal, suspicions

Array = TypeVar("Array")
Path = str | PathLike[str]


@final
@dataclass(frozen=True, slots=True, eq=False)
class Normalizer:
    """Brings features to a common scale and back, in the units of the data that it was fitted on.

    - ``standard``: (x - mean) / deviation.
    - ``robust``: (x - median) / sigma, sigma being the interquartile range over 1.349, which is the deviation of Gaussian data.
    - ``asinh``: arcsinh of the robust one: linear near the median, logarithmic in the tails, and exactly inverted by sinh.

    Statistics are float64, of the active and finite entries only. A feature whose deviation is below a millionth of its magnitude is
    constant: it is centred and keeps its units (scale 1). NaN and infinities pass through. Inactive entries become 0, and their gradients are 0.
    """

    fitted: Fitted

    def __repr__(self) -> str:
        """Say what it is, not the tables."""
        found, own = self.fitted, f", {len(self.groups)} groups" if self.groups else ""
        return f"<Normalizer: {self.method}, {found.layout.features} features{own}, fitted on {found.rows:,} rows of {found.dtype}>"

    @classmethod
    def fit(
        cls,
        data: object,
        *,
        method: Method = "standard",
        group: object = None,
        mask: object = None,
        key: str = "",
        axis: int | None = -1,
        names: Sequence[str] = (),
    ) -> Normalizer:
        """Return the normaliser of an array, of a source of rows, or of a file, read a block at a time.

        The first axis of the data counts rows, ``axis`` its features (None: one scale for all). ``group`` has one label a row, ``mask`` is not
        0 where an entry counts and covers the first axes of the data. Of a file, ``key`` names the array, and ``group`` and ``mask``
        name two more. Raises ``UsageError`` for data that has no scale, ``UnreadableDataError`` for a file that cannot be read.
        """
        fitting = Fitting(method=method, axis=axis, names=names)
        if isinstance(data, str | PathLike):
            fit_file(fitting, cast("Path", data), key=key, group=group, mask=mask)
        elif isinstance(data, ArraySource):
            fit_source(fitting, data, group=group, mask=mask)
        else:
            fitting.update(data, group=group, mask=mask)
        return cls.of(fitting)

    @classmethod
    def of(cls, fitting: Fitting) -> Normalizer:
        """Return the normaliser of the rows that a fit has taken in so far."""
        return cls(settle(fitting))

    @property
    def method(self) -> Method:
        """How the values are scaled."""
        return self.fitted.method

    @property
    def groups(self) -> tuple[int | str, ...]:
        """The groups that have a scale of their own; empty where there is one for all."""
        return self.fitted.labels

    @property
    def center(self) -> NDArray[np.float64]:
        """The centre of each feature, or of each group's features (groups, features), in the units of the data."""
        return self._own(self.fitted.center)

    @property
    def scale(self) -> NDArray[np.float64]:
        """The scale of each feature, or of each group's features, in the units of the data."""
        return self._own(self.fitted.scale)

    @property
    def constant(self) -> NDArray[np.bool_]:
        """Where the data did not vary (or had no active entry), so that the scale is 1."""
        return self._own(self.fitted.constant)

    def _own(self, table: NDArray[Any]) -> NDArray[Any]:
        return table[:-1] if self.groups else table[0]

    def transform(
        self,
        values: Array,
        *,
        group: object = None,
        mask: object = None,
        unknown: Unknown = "refuse",
        verify: bool = True,
    ) -> Array:
        """Return the values on the common scale: same kind of array, same dtype (floats for integers), same device.

        ``group`` is one label, or one a row. A normaliser fitted under a mask wants ``mask`` (``"all"``: every entry is active). A group
        that it does not know raises ``UsageError``, or takes the pooled scale (``unknown="pooled"``). ``verify`` compares a batch with the data
        fitted on and raises ``UsageError`` where they are not the same kind of thing; it reads values, so leave it out of a tight loop on a GPU.
        Inside ``jax.jit`` and ``torch.compile`` nothing can be raised: an unknown group becomes NaN there.
        """
        if verify:
            refusal(self.check(values, group=group, mask=mask, unknown=unknown))
        return cast("Array", apply(self.fitted, values, to_scale, group=group, mask=mask, unknown=unknown))

    def inverse(
        self, values: Array, *, group: object = None, mask: object = None, unknown: Unknown = "refuse"
    ) -> Array:
        """Return normalised values, such as predictions, in original units; the arguments are those of ``transform``.

        ``inverse(transform(x))`` differs from x by at most 4 units of rounding (in float32: 8) of the larger of x and the centre; asinh adds 4 times
        the absolute value of ``transform(x)`` of them, because the slope of sinh magnifies what the rounding of its argument loses.
        """
        return cast("Array", apply(self.fitted, values, from_scale, group=group, mask=mask, unknown=unknown))

    def check(
        self,
        values: object,
        *,
        group: object = None,
        mask: object = None,
        unknown: Unknown = "refuse",
        names: Sequence[str] = (),
    ) -> list[Problem]:
        """Return what speaks against these values being of the kind that was fitted on; empty where nothing does."""
        return suspicions(self.fitted, values, group=group, mask=mask, unknown=unknown, names=tuple(names))

    def save(self, path: Path) -> None:
        """Write the normaliser to a file: safetensors where the name ends so, else JSON."""
        saving.save(self.fitted, path)

    @classmethod
    def load(cls, path: Path) -> Normalizer:
        """Read a normaliser that ``save`` wrote. Raises ``UnreadableDataError`` for any other file."""
        return cls(saving.load(path))

"""How data, groups and masks lie to each other: which axis counts features, and what belongs to which row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar, final

import numpy as np
from numpy.typing import NDArray

from traindx.dataset.normalizer.families import as_numpy
from traindx.errors import UsageError

Number = TypeVar("Number", bound=np.generic)


@final
@dataclass(frozen=True, slots=True)
class Layout:
    """The shape of one row, and the axis of its features, counted from the end (-1: the last; None: one scale for all entries)."""

    row_shape: tuple[int, ...]
    axis: int | None

    @classmethod
    def of(cls, row_shape: tuple[int, ...], axis: int | None) -> Layout:
        """Return the layout of rows of this shape; ``axis`` counts as NumPy does in the array of rows.

        >>> Layout.of((3, 32, 32), axis=1)
        Layout(row_shape=(3, 32, 32), axis=-3)
        """
        if axis is None or not row_shape:
            return cls(row_shape, None)
        whole = len(row_shape) + 1
        if not -whole < axis < whole or axis in {0, -whole}:
            raise UsageError(
                f"axis {axis} does not count features in an array of {whole} axes",
                hint="the first axis counts rows; -1 is the last, 1 that of channels in (rows, channels, height, width)",
            )
        return cls(row_shape, axis - whole if axis > 0 else axis)

    @property
    def features(self) -> int:
        """How many features there are."""
        return 1 if self.axis is None else self.row_shape[self.axis]

    @property
    def tail(self) -> tuple[int, ...]:
        """The shape in which one value per feature meets the data from the right."""
        return () if self.axis is None else (self.features, *([1] * (-self.axis - 1)))

    def refuse(self, shape: tuple[int, ...]) -> None:
        """Raise ``UsageError`` if data of this shape cannot be what the normaliser was fitted on."""
        if self.axis is None:
            extra = len(shape) > 1 and not (len(shape) == 2 and shape[1] == 1)
            if not self.row_shape and extra:
                raise UsageError(f"fitted on rows of one number, and given the shape {shape}")
            return
        if len(shape) < -self.axis or shape[self.axis] != self.features:
            given = shape[self.axis] if len(shape) >= -self.axis else "none"
            raise UsageError(
                f"fitted on {self.features} features, and given {given} (shape {shape}, axis {self.axis})",
                hint="give the array that has the same columns as the one fitted on",
            )

    def meeting(self, table: Any, ndim: int, lead: int) -> Any:
        """Return values per feature, or gathered per leading entry and feature, in the shape in which they meet ``ndim`` axes."""
        if lead + len(self.tail) > ndim:
            raise UsageError(
                f"groups were given for {lead} axes of data that has {ndim}",
                hint="give one group a row, or one for all",
            )
        return table.reshape((*table.shape[:lead], *([1] * (ndim - lead - len(self.tail))), *self.tail))

    def flat(self, block: NDArray[Number]) -> NDArray[Number]:
        """Return a block of rows as (entries, features)."""
        if self.axis is None:
            return block.reshape(-1, 1)
        return np.moveaxis(block, self.axis, -1).reshape(-1, self.features)


def spread_mask(mask: Any, shape: tuple[int, ...]) -> Any:
    """Return a mask with axes added on the right, so that one that covers rows, or rows and steps, meets the features too.

    Raises ``UsageError`` where it does not fit.
    """
    given = tuple(int(n) for n in mask.shape)
    wanted = shape[: len(given)]
    if len(given) > len(shape) or any(n not in {m, 1} for n, m in zip(given, wanted, strict=True)):
        raise UsageError(
            f"a mask of shape {given} does not fit data of shape {shape}",
            hint="masks start at the first axis, as rows do",
        )
    return mask.reshape((*given, *([1] * (len(shape) - len(given)))))


def flat_mask(mask: object, shape: tuple[int, ...], layout: Layout) -> NDArray[np.bool_]:
    """Return which entries of a block are active, as (entries, features)."""
    found: NDArray[np.bool_] = spread_mask(as_numpy(mask), shape) != 0
    return layout.flat(np.broadcast_to(found, shape))

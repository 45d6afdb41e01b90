"""A fit that goes on: blocks come in, pieces are merged, and a normaliser comes out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast, final

import numpy as np
from numpy.typing import NDArray

from traindx.dataset.normalizer.families import as_numpy
from traindx.dataset.normalizer.fingerprint import joined, rows_hash
from traindx.dataset.normalizer.groups import Label, labels_of
from traindx.dataset.normalizer.layout import Layout, flat_mask
from traindx.dataset.normalizer.moments import Moments, block_moments
from traindx.dataset.normalizer.ranks import Ranks
from traindx.dataset.normalizer.scaling import Method
from traindx.dataset.statistics.numbers import measured_type
from traindx.errors import UsageError

_BLOCK_VALUES = 1 << 18
"""Values worked on at a time: 2 MiB in float64, which stays in the cache through the passes over it."""

_MOST_CELLS = 4_000_000
"""Groups times features: about 250 MB of moments. Beyond it the grouping column is most likely not one."""

_MOST_SKETCHES = 4096
"""The same for quantiles, whose sketches take up to a quarter of a megabyte each."""

Piece = tuple[NDArray[Any], NDArray[Any] | None, NDArray[Any] | None]


@final
class Fitting:
    """What a normaliser will be fitted on, so far: in a stream, in pieces on several machines, in bounded memory.

    Each ``update`` takes rows with their groups and mask; ``merge`` adds the rows of another fit; ``normalizer`` (of
    ``Normalizer.fitted``) takes the result at any time. Equal rows give the same normaliser to 1e-12, however they were cut.
    """

    def __init__(self, *, method: Method = "standard", axis: int | None = -1, names: Sequence[str] = ()) -> None:
        if method not in {"standard", "robust", "asinh"}:
            raise UsageError(f"unknown method {method!r}", hint="choose standard, robust or asinh")
        self.method: Method = method
        self.axis = axis
        self.names = tuple(names)
        self.layout: Layout | None = None
        self.dtype = ""
        self.rows = 0
        self.hash = 0
        self.masked = False
        self.grouped: bool | None = None
        self.codes: dict[Label, int] = {}
        self.moments = Moments.empty(0, 0)
        self.ranks: dict[tuple[int, int], Ranks] = {}

    def update(self, values: object, *, group: object = None, mask: object = None) -> Fitting:
        """Take in rows: an array (rows, ..., features), one group a row, and a mask that is not 0 where an entry counts."""
        block = as_numpy(values)
        labels = None if group is None else labels_of(group)
        cover = None if mask is None else as_numpy(mask)
        self._begin(block, labels)
        self.masked = self.masked or cover is not None
        for piece in _pieces(block, labels, cover):
            self._take(*piece)
        return self

    def merge(self, other: Fitting) -> Fitting:
        """Add the rows of another fit of the same kind of data; the other one stays as it is."""
        if other.layout is None:
            return self
        if (self.method, self.axis) != (other.method, other.axis):
            raise UsageError("two fits of different methods or axes are not one fit")
        if self.layout is None:
            self.layout, self.dtype, self.grouped = other.layout, other.dtype, other.grouped
            self.moments = Moments.empty(0, other.layout.features)
        self._same(other.layout.row_shape, other.dtype, grouped=bool(other.grouped))
        self.rows, self.hash = self.rows + other.rows, joined(self.hash, other.hash)
        self.masked = self.masked or other.masked
        rows = self._add(np.array(list(other.codes), dtype=object), other.moments.rows(np.arange(len(other.codes))))
        for (code, feature), ranks in other.ranks.items():
            self.ranks.setdefault((int(rows[code]), feature), Ranks()).merge(ranks)
        return self

    def _begin(self, block: NDArray[Any], labels: NDArray[Any] | None) -> None:
        if block.dtype.kind not in "fiu" or not block.ndim:
            raise UsageError(
                f"an array of {block.dtype} with shape {block.shape} has no rows of real numbers to fit on"
            )
        if labels is not None and labels.shape != block.shape[:1]:
            raise UsageError(f"{len(block)} rows and groups of shape {labels.shape}", hint="give one group a row")
        if self.layout is None:
            self.layout = Layout.of(block.shape[1:], self.axis)
            self.dtype, self.grouped = block.dtype.name, labels is not None
            self.moments = Moments.empty(0, self.layout.features)
            if self.names and len(self.names) != self.layout.features:
                raise UsageError(f"{len(self.names)} names for {self.layout.features} features")
        self._same(block.shape[1:], block.dtype.name, grouped=labels is not None)

    def _same(self, row_shape: tuple[int, ...], dtype: str, *, grouped: bool) -> None:
        """Refuse rows that do not belong to those before; the lengths of axes without features may differ."""
        assert self.layout is not None
        mine = Layout.of(row_shape, self.axis)
        if (len(row_shape), mine.features) != (len(self.layout.row_shape), self.layout.features):
            raise UsageError(f"rows of shape {row_shape} after rows of shape {self.layout.row_shape}")
        if (np.dtype(dtype).kind == "f") != (np.dtype(self.dtype).kind == "f"):
            raise UsageError(f"rows of {dtype} after rows of {self.dtype}")
        if grouped != self.grouped:
            raise UsageError("rows with groups and rows without are not one fit")

    def _take(self, block: NDArray[Any], labels: NDArray[Any] | None, mask: NDArray[Any] | None) -> None:
        assert self.layout is not None
        self.rows, self.hash = self.rows + len(block), joined(self.hash, rows_hash(block))
        flat = self.layout.flat(block.astype(measured_type(block.dtype), copy=False))
        active = None if mask is None else flat_mask(mask, block.shape, self.layout)
        if labels is None:
            names, codes = np.array([0]), None
        else:
            names, found = np.unique(labels, return_inverse=True)
            codes = np.repeat(found.astype(np.intp), len(flat) // len(block))
        rows = self._add(names, block_moments(flat, active, codes, len(names)))
        if self.method != "standard":
            self._rank(flat, active, codes, rows)

    def _rank(
        self,
        flat: NDArray[Any],
        active: NDArray[np.bool_] | None,
        codes: NDArray[np.intp] | None,
        rows: NDArray[np.intp],
    ) -> None:
        """Take the values into the sketch of their group and feature."""
        used = np.isfinite(flat) if active is None else np.isfinite(flat) & active
        for code, row in enumerate(rows.tolist()):
            inside = slice(None) if codes is None else np.flatnonzero(codes == code)
            own, wanted = flat[inside], used[inside]
            for feature in range(flat.shape[1]):
                self.ranks.setdefault((row, feature), Ranks()).update(own[wanted[:, feature], feature])
        if len(self.ranks) > _MOST_SKETCHES:
            raise UsageError(
                f"quantiles of {len(self.ranks):,} groups and features are too many to keep",
                hint="take method='standard', axis=None, or fewer groups",
            )

    def _add(self, names: NDArray[Any], found: Moments) -> NDArray[np.intp]:
        rows = np.array([self.codes.setdefault(_plain(name), len(self.codes)) for name in names], dtype=np.intp)
        if len({type(label) for label in self.codes}) > 1:
            raise UsageError("groups that are numbered and groups that are named by text are not one fit")
        if len(self.codes) * found.features > _MOST_CELLS:
            raise UsageError(
                f"{len(self.codes)} groups so far, of {found.features} features", hint="is the group one of rows?"
            )
        if len(self.codes) > len(self.moments):
            self.moments = self.moments.larger(max(len(self.codes), 2 * len(self.moments)))
        self.moments.take(rows, found)
        return rows


def _plain(name: Any) -> Label:
    return cast("Label", name.item() if isinstance(name, np.generic) else name)


def _pieces(block: NDArray[Any], labels: NDArray[Any] | None, mask: NDArray[Any] | None) -> Iterator[Piece]:
    """Cut rows into pieces that fit the cache. A mask of one row for all is left whole."""
    step = max(1, _BLOCK_VALUES // max(1, int(np.prod(block.shape[1:]))))
    for start in range(0, len(block), step):
        part = slice(start, start + step)
        cover = mask if mask is None or len(mask) != len(block) else mask[part]
        yield block[part], None if labels is None else labels[part], cover

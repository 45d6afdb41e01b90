"""Which row of a table of scales belongs to which group."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from traindx.dataset.normalizer.families import Family, as_numpy, family_of
from traindx.errors import UsageError

Label = int | str
_SHOWN = 5
_MOST_32_BITS = 2**31 - 1


def labels_of(group: object) -> NDArray[Any]:
    """Return the labels of groups as an array of int64 or of text, whatever they came as.

    >>> labels_of([b"b", b"a"]).tolist(), labels_of([2.0, 1.0]).tolist()
    (['b', 'a'], [2, 1])
    """
    labels = as_numpy(group)
    kind = labels.dtype.kind
    if kind == "O":
        return np.array([_text(v) for v in labels.reshape(-1)], dtype=np.str_).reshape(labels.shape)
    if kind == "S":
        return np.char.decode(labels, "utf-8", "replace")
    if kind == "U":
        return labels
    if kind == "f" and not bool(np.all(labels == np.floor(labels))):
        raise UsageError("groups are told apart by whole numbers or text, not by fractions or NaN")
    if kind not in "biuf" or (labels.size and not abs(float(labels.max())) < 2.0**63):
        raise UsageError(f"groups are told apart by whole numbers or text, not by {labels.dtype}")
    return labels.astype(np.int64)


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


@final
@dataclass(frozen=True)
class Groups:
    """The known groups in ascending order. Row ``i`` of every table is that of ``labels[i]``; the row after them pools all."""

    labels: tuple[Label, ...]

    def __len__(self) -> int:
        return len(self.labels)

    @cached_property
    def table(self) -> NDArray[Any]:
        """The labels as an array, sorted."""
        return np.array(self.labels)

    def rows(self, group: object, family: Family, like: Any) -> tuple[Any, Any]:
        """Return the table row of each label, in the family of the data, and which labels are unknown (they get the last row)."""
        given = family_of(group)
        if given.name == "numpy":
            labels = labels_of(group)
            self._same_kind(labels)
            rows, unknown = _search(np, self.table, labels, len(self))
            return (rows if family.name == "numpy" else family.constant(rows, like, _index_type(family))), unknown
        if not isinstance(self.labels[0], int):
            raise UsageError(
                f"the groups are named by text ({self.labels[0]!r}), and numbers were given",
                hint="give a list or a NumPy array of the names",
            )
        table = given.constant(self._fitting(given), group, given.dtype_name(group))
        return _search(given.xp, table, group, len(self))

    def _same_kind(self, labels: NDArray[Any]) -> None:
        if labels.size and (labels.dtype.kind == "U") != isinstance(self.labels[0], str):
            raise UsageError(
                f"the groups are {'named by text' if isinstance(self.labels[0], str) else 'numbered'} "
                f"({self.labels[0]!r}), and {labels.reshape(-1)[0].item()!r} was given"
            )

    def _fitting(self, family: Family) -> NDArray[Any]:
        if family.name == "jax" and max(map(abs, (int(v) for v in self.labels))) > _MOST_32_BITS:
            raise UsageError("group numbers beyond 32 bits need NumPy labels here, or jax_enable_x64")
        return self.table


def _index_type(family: Family) -> str:
    return "int64" if family.name == "torch" else "int32"


def _search(xp: Any, table: Any, labels: Any, unknown_row: int) -> tuple[Any, Any]:
    at = xp.searchsorted(table, labels)
    at = xp.where(at >= unknown_row, unknown_row - 1, at)
    unknown = table[at] != labels
    return xp.where(unknown, unknown_row, at), unknown


def unknown_groups(labels: NDArray[Any], known: Groups) -> UsageError:
    """Return the error for labels that no group of the fit has."""
    names = np.unique(labels)
    shown = ", ".join(repr(v.item()) for v in names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")
    few = ", ".join(repr(v) for v in known.labels[:_SHOWN]) + (", ..." if len(known) > _SHOWN else "")
    return UsageError(
        f"{len(names)} group{'s' if len(names) != 1 else ''} that the normaliser was not fitted on: {shown}",
        hint=f"it knows {few}; unknown='pooled' takes the scale of all groups together",
    )

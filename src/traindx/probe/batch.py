"""One batch as arrays, whatever framework it came from: rows can be taken, repeated, and exchanged between samples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Literal, final

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
LeafRole = Literal["input", "target", "mask"]


@final
@dataclass(frozen=True, slots=True)
class Leaf:
    """One tensor of the batch: where it stands, its values, and what it is for."""

    path: str
    values: Array
    role: LeafRole = "input"

    @property
    def whole(self) -> bool:
        """Whether it holds whole numbers: classes or tokens."""
        return self.values.dtype.kind in "iu"

    @property
    def real(self) -> bool:
        """Whether it holds floating-point numbers."""
        return self.values.dtype.kind == "f"


@final
@dataclass(frozen=True, slots=True)
class Batch:
    """The tensors of one batch, and ``build``, which makes of arrays what the loss takes.

    ``size`` is the number of samples: the commonest first axis.
    """

    leaves: tuple[Leaf, ...]
    build: Callable[[Sequence[Array]], Any]

    @property
    def size(self) -> int:
        firsts = Counter(leaf.values.shape[0] for leaf in self.leaves if leaf.values.ndim)
        return max(firsts, key=lambda rows: (firsts[rows], rows), default=0)

    def native(self) -> Any:
        """Return the batch as the loss takes it, made anew: what the loss does to it harms nothing."""
        return self.build([leaf.values for leaf in self.leaves])

    def of_role(self, *roles: LeafRole) -> tuple[Leaf, ...]:
        """Return the leaves that are for one of these."""
        return tuple(leaf for leaf in self.leaves if leaf.role in roles)

    def leaf(self, path: str) -> Leaf:
        """Return the leaf at a path."""
        return next(leaf for leaf in self.leaves if leaf.path == path)

    def has_rows(self, leaf: Leaf) -> bool:
        """Whether the first axis of a leaf counts the samples."""
        return leaf.values.ndim > 0 and leaf.values.shape[0] == self.size

    def with_values(self, values: Mapping[str, Array]) -> Batch:
        """Return the batch with other values at some paths."""
        leaves = (replace(leaf, values=values[leaf.path]) if leaf.path in values else leaf for leaf in self.leaves)
        return replace(self, leaves=tuple(leaves))

    def rows(self, chosen: Array, *, of: Sequence[LeafRole] = ("input", "target", "mask")) -> Batch:
        """Return the batch with these rows of every leaf of some roles, in this order; a row may come twice."""
        size = self.size
        taken = {
            leaf.path: leaf.values[chosen]
            for leaf in self.leaves
            if leaf.role in of and leaf.values.ndim and leaf.values.shape[0] == size
        }
        return self.with_values(taken)

    def doubled(self) -> Batch:
        """Return the batch with every sample twice."""
        return self.rows(np.tile(np.arange(self.size), 2))


NOTHING: Mapping[str, LeafRole] = MappingProxyType({})

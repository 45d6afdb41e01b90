"""One direction of a ranking made ready for the tiles of a block: limits in float32, and layers of one target a query."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import final

import numpy as np
from numpy.typing import NDArray

from traindx.retrieval.bounds import downward, single_error, upward, windows
from traindx.retrieval.embeddings import Embeddings
from traindx.retrieval.targets import Targets


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """The targets of one direction, and for each the limits beyond which a float32 score is certain.

    ``upper`` and ``lower``: a score above the first is above the target, one below the second below it, whatever the product's rounding.
    ``weights`` is the product of the query's length with the longest item's (1 under cosine); ``first`` counts the targets
    before the first of this part.
    """

    targets: Targets
    upper: NDArray[np.float32]
    lower: NDArray[np.float32]
    weights: NDArray[np.float64]
    first: int = 0

    def part(self, start: int, stop: int) -> Aim:
        """Return what belongs to the queries from ``start`` to before ``stop``."""
        inside = slice(int(self.targets.starts[start]), int(self.targets.starts[stop]))
        return Aim(
            targets=self.targets.part(start, stop),
            upper=self.upper[inside],
            lower=self.lower[inside],
            weights=self.weights[inside],
            first=self.first + inside.start,
        )

    def alone(self) -> Aim:
        """Return the same targets counted from the first of them."""
        return replace(self, first=0)


def aim(queries: Embeddings, gallery: Embeddings, targets: Targets) -> Aim:
    """Return the targets with their float32 limits."""
    weights = queries.weights[targets.query] * gallery.heaviest
    above, below, _, _ = windows(targets.high, targets.low, weights, single_error(queries.dim))
    return Aim(targets=targets, upper=upward(above), lower=downward(below), weights=weights)

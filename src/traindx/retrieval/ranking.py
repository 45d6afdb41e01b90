"""Where the right items stand: counts from which every ranking metric follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, final

import numpy as np
from numpy.typing import NDArray

Ties = Literal["mean", "optimistic", "pessimistic"]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """For each query and each of its right items, how many items of the gallery are scored above and how many level.

    Right item ``j`` of query ``i`` stands at ``starts[i] + j`` of the flat arrays, the right items of a query in falling order of their score. ``above`` counts items
    of the gallery with a higher score (other right items among them), ``level`` other items with the same score. Its rank is
    ``above + 1`` at best and ``above + 1 + level`` at worst; under random tie-breaking every rank between is equally likely.
    ``gallery_size`` is the number of items that were ranked for each query.
    """

    above: NDArray[np.int64]
    level: NDArray[np.int64]
    starts: NDArray[np.int64]
    gallery_size: int

    @property
    def queries(self) -> int:
        """How many queries were ranked."""
        return len(self.starts) - 1

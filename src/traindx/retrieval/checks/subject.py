"""What the checks of embeddings look at: everything that was measured of one retrieval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from traindx.retrieval.batch import BatchBound
from traindx.retrieval.ceiling import Ceiling
from traindx.retrieval.geometry import Gap, Geometry
from traindx.retrieval.hubs import Hubs
from traindx.retrieval.nearest import Shift
from traindx.retrieval.ranking import Similarity
from traindx.retrieval.report import Direction


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Of ``queries`` sampled queries, how many find a right item first by cosine, by the dot product, and by just one of them."""

    queries: int
    cosine: int
    dot: int
    only_cosine: int
    only_dot: int


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Retrieval:
    """One retrieval as its checks see it. What could not be measured is None."""

    similarity: Similarity
    forward: Direction
    backward: Direction | None = None
    queries: Geometry | None = None
    items: Geometry | None = None
    gap: Gap | None = None
    hubs: Hubs | None = None
    shift: Shift | None = None
    agreement: Agreement | None = None
    ceiling: Ceiling | None = None
    batch: BatchBound | None = None

    @property
    def at_chance(self) -> bool:
        """Whether no metric of the forward direction can be told from a random ranking."""
        return self.forward.at_chance

    @property
    def reversed(self) -> bool:
        """Whether right items stand so far behind that luck does not explain it, and no metric is above chance."""
        return self.at_chance and any(m.kind == "mean_rank" and m.below_chance for m in self.forward.measures)

    @property
    def collapsed(self) -> bool:
        """Whether rows of one side lie so close together that ranks rest on rounding."""
        return any(side is not None and side.mean_cosine > 0.9999 for side in (self.queries, self.items))

"""Several processes of one training: which one this is, and what all of them measure."""

from traindx.live.ranks.gathering import Gatherer, Gathering, Ranks, gatherer_of, ranks_of
from traindx.live.ranks.group import rank_now, world_size

__all__ = ["Gatherer", "Gathering", "Ranks", "gatherer_of", "rank_now", "ranks_of", "world_size"]

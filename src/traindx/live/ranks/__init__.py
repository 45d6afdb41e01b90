"""Several processes of one training: which one this is, and what all of them measure."""

from traindx.live.ranks.gathering import Gatherer, Gathering
from traindx.live.ranks.group import rank_now, world_size
from traindx.live.ranks.other_rank import OtherRank

__all__ = ["Gatherer", "Gathering", "OtherRank", "rank_now", "world_size"]

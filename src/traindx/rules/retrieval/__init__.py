"""Rules about ranking metrics and the galleries behind them."""

from traindx.rules.retrieval.ranks_near_chance import RanksNearChance
from traindx.rules.rule import Rule

RULES: tuple[type[Rule], ...] = (RanksNearChance,)

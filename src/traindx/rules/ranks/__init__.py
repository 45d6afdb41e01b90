"""Rules about several processes of one training: one that is slow, out of step, or gone."""

from traindx.rules.ranks.ranks_out_of_step import RanksOutOfStep
from traindx.rules.ranks.silent_rank import SilentRank
from traindx.rules.ranks.slow_rank import SlowRank
from traindx.rules.rule import Rule

RULES: tuple[type[Rule], ...] = (
    RanksOutOfStep,
    SilentRank,
    SlowRank,
)

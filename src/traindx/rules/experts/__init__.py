"""Rules about mixtures of experts: balance, load, overflow, router logits."""

from traindx.rules.experts.balance_below_minimum import BalanceBelowMinimum
from traindx.rules.experts.balance_term_constant import BalanceTermConstant
from traindx.rules.experts.few_experts_work import FewExpertsWork
from traindx.rules.experts.router_logits_grow import RouterLogitsGrow
from traindx.rules.experts.tokens_dropped import TokensDropped
from traindx.rules.rule import Rule

RULES: tuple[type[Rule], ...] = (
    BalanceBelowMinimum,
    FewExpertsWork,
    TokensDropped,
    BalanceTermConstant,
    RouterLogitsGrow,
)

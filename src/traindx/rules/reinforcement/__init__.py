"""Rules about reinforcement learning, of games and of language models."""

from traindx.rules.reinforcement.completion_length_runs_away import CompletionLengthRunsAway
from traindx.rules.reinforcement.completions_truncated import CompletionsTruncated
from traindx.rules.reinforcement.critic_explains_nothing import CriticExplainsNothing
from traindx.rules.reinforcement.entropy_collapse import EntropyCollapse
from traindx.rules.reinforcement.leaves_reference import LeavesReference
from traindx.rules.reinforcement.no_reward_signal import NoRewardSignal
from traindx.rules.reinforcement.policy_loss_near_zero import PolicyLossNearZero
from traindx.rules.reinforcement.policy_updates_too_large import PolicyUpdatesTooLarge
from traindx.rules.reinforcement.reward_does_not_rise import RewardDoesNotRise
from traindx.rules.reinforcement.reward_falls_back import RewardFallsBack
from traindx.rules.reinforcement.value_loss_explodes import ValueLossExplodes
from traindx.rules.rule import Rule

RULES: tuple[type[Rule], ...] = (
    NoRewardSignal,
    PolicyLossNearZero,
    EntropyCollapse,
    LeavesReference,
    RewardDoesNotRise,
    RewardFallsBack,
    CriticExplainsNothing,
    PolicyUpdatesTooLarge,
    CompletionsTruncated,
    CompletionLengthRunsAway,
    ValueLossExplodes,
)

"""Losses of reinforcement learning, games and expert routing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, final

from traindx.live.objectives.objective import FamilyObjective


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class PPO(FamilyObjective):
    """Clipped policy loss: 0 on the first pass over each batch."""

    family: ClassVar = "ppo"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class GRPO(FamilyObjective):
    """Group-relative policy optimisation, with ``beta`` times the divergence ``kl`` from the reference."""

    family: ClassVar = "grpo"

    beta: float | None = None
    kl: float | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ValueFunction(FamilyObjective):
    """Squared error of a value function: always answering the mean costs ``return_std`` squared, half of it where ``half``."""

    family: ClassVar = "value_loss"

    return_std: float
    half: bool | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyEntropy(FamilyObjective):
    """Entropy of a policy over ``num_actions``, or over ``action_dim`` continuous ones."""

    family: ClassVar = "policy_entropy"
    one_of: ClassVar = ("num_actions", "action_dim")

    num_actions: int | None = None
    action_dim: int | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class AlphaZero(FamilyObjective):
    """Policy over ``num_actions`` moves plus the value of the game, of which ``draw_rate`` are drawn."""

    family: ClassVar = "alphazero"

    num_actions: int
    draw_rate: float | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class LoadBalance(FamilyObjective):
    """Load-balance loss of ``num_experts``, ``top_k`` of them for each token, times ``coefficient``."""

    family: ClassVar = "moe_balance"

    num_experts: int
    top_k: int | None = None
    coefficient: float | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class RouterZ(FamilyObjective):
    """Router z-loss of ``num_experts``, times ``coefficient``."""

    family: ClassVar = "router_z"

    num_experts: int
    coefficient: float | None = None

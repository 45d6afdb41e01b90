"""Families of reinforcement learning, games and expert routing."""

from __future__ import annotations

from collections.abc import Sequence

from traindx.baselines import games, mixture_of_experts, reinforcement
from traindx.baselines.baseline import Baseline
from traindx.baselines.families.family import Family, Options, Parameter
from traindx.baselines.families.numbers import zero_error


def _policy(_: Options) -> Sequence[Baseline]:
    return [reinforcement.policy_loss_start()]


def _grpo(o: Options) -> Sequence[Baseline]:
    return [reinforcement.policy_loss_start(), reinforcement.kl_penalised_start(o.number("beta"), o.number("kl"))]


def _value(o: Options) -> Sequence[Baseline]:
    return [zero_error("return²"), reinforcement.value_loss_trivial(o.number("return_std"), half=o.flag("half"))]


def _entropy(o: Options) -> Sequence[Baseline]:
    actions, dim = o.maybe_whole("num_actions"), o.maybe_whole("action_dim")
    if actions is None and dim is not None:
        return [reinforcement.continuous_entropy_start(dim, o.number("std"))]
    return [reinforcement.discrete_entropy_start(actions or 2)]


def _alphazero(o: Options) -> Sequence[Baseline]:
    draws = o.number("draw_rate")
    return [games.alphazero_chance(o.whole("num_actions"), draws), games.value_chance(draws)]


def _moe(o: Options) -> Sequence[Baseline]:
    experts, k, coefficient = o.whole("num_experts"), o.whole("top_k"), o.number("coefficient")
    balance = mixture_of_experts.balance_level(k, coefficient)
    return [balance, mixture_of_experts.balance_collapse(experts, k, coefficient)]


def _router_z(o: Options) -> Sequence[Baseline]:
    return [mixture_of_experts.router_z_start(o.whole("num_experts"), o.number("coefficient"))]


EXPERTS = Parameter(
    name="num_experts", type="int", meaning="experts per layer", required=True, aliases=("experts", "e"), example="8"
)
COEFFICIENT = Parameter(name="coefficient", type="float", meaning="weight of the term", default=1.0, aliases=("coef",))

AGENT_FAMILIES = (
    Family(
        name="alphazero",
        aliases=("alpha_zero", "muzero"),
        summary="policy over moves plus value of the game",
        parameters=(
            Parameter(
                name="num_actions",
                type="int",
                meaning="moves of the softmax",
                required=True,
                aliases=("actions", "moves"),
                example="4672",
            ),
            Parameter(name="draw_rate", type="float", meaning="share of drawn games", default=0.0, aliases=("draws",)),
        ),
        build=_alphazero,
    ),
    Family(
        name="grpo",
        aliases=("dapo", "rloo"),
        summary="group-relative policy optimisation",
        parameters=(
            Parameter(name="beta", type="float", meaning="weight of the divergence from the reference", default=0.0),
            Parameter(name="kl", type="float", meaning="divergence from the reference", default=0.0),
        ),
        build=_grpo,
    ),
    Family(
        name="moe_balance",
        aliases=("moe", "load_balance", "router_aux"),
        summary="load-balance loss of a mixture of experts",
        parameters=(
            EXPERTS,
            Parameter(name="top_k", type="int", meaning="experts per token", default=1, aliases=("k",)),
            COEFFICIENT,
        ),
        build=_moe,
    ),
    Family(
        name="policy_entropy",
        aliases=("entropy",),
        summary="entropy of a policy",
        parameters=(
            Parameter(name="num_actions", type="int", meaning="discrete actions", aliases=("actions",)),
            Parameter(name="action_dim", type="int", meaning="dimensions of continuous actions"),
            Parameter(name="std", type="float", meaning="deviation of continuous actions", default=1.0),
        ),
        build=_entropy,
        higher_is_better=True,
    ),
    Family(name="ppo", aliases=("ppo_policy", "policy_loss", "a2c"), summary="clipped policy loss", build=_policy),
    Family(
        name="router_z",
        aliases=("router_z_loss",),
        summary="router z-loss of a mixture of experts",
        parameters=(EXPERTS, COEFFICIENT),
        build=_router_z,
    ),
    Family(
        name="value_loss",
        aliases=("ppo_value", "critic", "value"),
        summary="squared error of a value function",
        parameters=(
            Parameter(
                name="return_std", type="float", meaning="deviation of the returns", required=True, example="2.0"
            ),
            Parameter(name="half", type="bool", meaning="the loss is halved", default=False),
        ),
        build=_value,
    ),
)

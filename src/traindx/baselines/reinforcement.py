"""Reinforcement learning: what losses start from, and why many of them say nothing."""

from __future__ import annotations

import math

from traindx.baselines.arithmetic import at_least, fraction, positive, shown
from traindx.baselines.baseline import Baseline

SCHULMAN = "Schulman et al. 2017, Proximal Policy Optimization Algorithms, equation 7"


def policy_loss_start() -> Baseline:
    """Return PPO's or GRPO's policy loss at ratio 1 and centred advantages: 0 by construction.

    >>> policy_loss_start().value
    0.0
    """
    return Baseline(
        rung="typical",
        value=0.0,
        unit="advantage",
        formula="-E[1 · A], E[A] = 0",
        meaning="centred advantages before any update: no sign of health or illness",
        source=SCHULMAN,
        conditions="watch reward, KL and gradient norm instead",
    )


def kl_penalised_start(beta: float, kl: float = 0.0) -> Baseline:
    """Return GRPO's logged loss: 0 + beta x KL to the reference, 0 at step 0 and rising later.

    >>> kl_penalised_start(0.04, 0.5).value
    0.02
    """
    at_least(0, beta=beta, kl=kl)
    return Baseline(
        rung="initial",
        value=beta * kl,
        unit="advantage",
        formula=f"{shown(beta)}·{shown(kl)}",
        meaning="the KL term is all that is left of the loss",
        source="Shao et al. 2024, DeepSeekMath, equation 3",
    )


def silent_group_share(success_rate: float, group_size: int) -> float:
    """Return the share of groups whose answers all score alike, hence without gradient: p^G + (1-p)^G.

    >>> round(silent_group_share(0.9, 8), 2)
    0.43
    """
    fraction(success_rate=success_rate)
    at_least(1, group_size=group_size)
    return success_rate**group_size + (1 - success_rate) ** group_size


def discrete_entropy_start(num_actions: int) -> Baseline:
    """Return the entropy of a uniform policy: ln |A|.

    >>> round(discrete_entropy_start(18).value, 3)
    2.89
    """
    at_least(1, num_actions=num_actions)
    return Baseline(
        rung="chance",
        value=math.log(num_actions),
        unit="nats",
        formula=f"ln {num_actions}",
        meaning="every action equally likely; 0 is a policy that explores nothing",
        source="definition",
    )


def continuous_entropy_start(action_dim: int, std: float = 1.0) -> Baseline:
    """Return the entropy of independent normal actions: d (1/2 ln(2 pi e) + ln s).

    >>> round(continuous_entropy_start(6).value, 3)
    8.514
    """
    at_least(1, action_dim=action_dim)
    positive(std=std)
    return Baseline(
        rung="initial",
        value=action_dim * (0.5 * math.log(2 * math.pi * math.e) + math.log(std)),
        unit="nats",
        formula=f"{action_dim}·(½ ln 2πe + ln {shown(std)})",
        meaning="a fresh normal policy of that spread",
        source="differential entropy of the normal distribution",
        conditions="may fall below 0 legitimately",
    )


def value_loss_trivial(return_std: float, *, half: bool = False) -> Baseline:
    """Return the value loss of one constant for all states: the variance of the returns; explained variance 0.

    >>> value_loss_trivial(2.0).value
    4.0
    """
    positive(return_std=return_std)
    return Baseline(
        rung="trivial",
        value=return_std**2 / (2 if half else 1),
        unit="return²",
        formula=f"{shown(return_std)}²" + ("/2" if half else ""),
        meaning="one value for all states: explained variance 0",
        source="definition of the variance",
        conditions="TD losses follow a moving target and have no chance level",
    )


def largest_return(reward: float, discount: float) -> float:
    """Return the largest discounted return of rewards up to ``reward``: r/(1 - discount).

    >>> round(largest_return(1.0, 0.99), 6)
    100.0
    """
    fraction(discount=discount)
    positive(one_minus_discount=1 - discount)
    return reward / (1 - discount)

"""Mixture of experts: load balance and router z-loss at balance and at collapse."""

from __future__ import annotations

import math

from traindx.baselines.arithmetic import at_least, shown
from traindx.baselines.baseline import Baseline

FEDUS = "Fedus et al. 2022, Switch Transformers, equations 4-6"


def balance_level(top_k: int = 1, coefficient: float = 1.0) -> Baseline:
    """Return the balance loss of an even router, E sum f P: shares f sum to k where all k choices count, hence k.

    >>> balance_level(2).value
    2.0
    """
    at_least(1, top_k=top_k)
    return Baseline(
        rung="typical",
        value=coefficient * top_k,
        unit="loss units",
        formula=f"{shown(coefficient)}·{top_k}",
        meaning="all experts used alike",
        source=FEDUS,
        conditions="shares summed over the k choices, divided by k it is 1; no strict floor: shares and gates may differ",
    )


def balance_collapse(num_experts: int, top_k: int = 1, coefficient: float = 1.0) -> Baseline:
    """Return the balance loss of a router that always picks the same k experts, gates even among them: E.

    f = 1 on each of the k, P = 1/k on each: E k (1/k) = E; a gate all on one expert gives E as well.

    >>> balance_collapse(8, 2).value
    8.0
    """
    at_least(1, num_experts=num_experts, top_k=top_k)
    at_least(top_k, num_experts=num_experts)
    return Baseline(
        rung="trivial",
        value=coefficient * num_experts,
        unit="loss units",
        formula=f"{shown(coefficient)}·{num_experts}",
        meaning="every token goes to the same experts",
        source=FEDUS,
        conditions="shares summed over the k choices; divided by k it is E/k",
    )


def router_z_start(num_experts: int, coefficient: float = 1.0) -> Baseline:
    """Return the router z-loss of zero logits: (ln E)^2.

    >>> round(router_z_start(8).value, 2), round(router_z_start(64).value, 1)
    (4.32, 17.3)
    """
    at_least(1, num_experts=num_experts)
    return Baseline(
        rung="initial",
        value=coefficient * math.log(num_experts) ** 2,
        unit="nats²",
        formula=f"{shown(coefficient)}·(ln {num_experts})²",
        meaning="router logits near zero",
        source="Zoph et al. 2022, ST-MoE, equation 5",
    )


def router_entropy_best(num_experts: int) -> Baseline:
    """Return the entropy of a router that prefers no expert: ln E.

    >>> round(router_entropy_best(8).value, 4)
    2.0794
    """
    at_least(1, num_experts=num_experts)
    return Baseline(
        rung="chance",
        value=math.log(num_experts),
        unit="nats",
        formula=f"ln {num_experts}",
        meaning="gates even over all experts",
        source="definition",
    )

"""What is logged of the routing of tokens to experts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from traindx.context import READINGS, Case, Reading
from traindx.rules.choosing import fact_number, readings_of

_OF_EXPERTS = re.compile(r"moe|expert|router|routing|gate|gating|balanc|switch")
_KINDS = frozenset({"expert_load", "expert_imbalance", "expert_overflow", "unused_experts"})


def balance_losses(case: Case) -> Iterator[Reading]:
    """Yield the balance terms of training; a bare "aux" loss only where something else speaks of experts.

    The rule must declare ``FACTS``.
    """
    told = fact_number(case, "num_experts") >= 2 or any(
        r.role.kind in _KINDS or _OF_EXPERTS.search(r.name.lower()) for r in case[READINGS]
    )
    for loss in readings_of(case, "loss", None, ("moe_balance",)):
        if not loss.held_out and (told or _OF_EXPERTS.search(loss.name.lower())):
            yield loss


def experts_of(case: Case) -> tuple[float, float]:
    """How many experts there are and how many each token is sent to (NaN where not told; one expert by default)."""
    each = fact_number(case, "top_k")
    return fact_number(case, "num_experts"), each if each >= 1 else 1.0

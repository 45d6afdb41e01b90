"""Baselines in the unit in which the loss is printed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from traindx.baselines import Ladder
from traindx.context.keys import Fact

_BASES: Final[Mapping[str, tuple[float, str]]] = {"2": (2.0, "bits"), "10": (10.0, "bans")}


def in_log_base(ladder: Ladder, facts: Mapping[str, Fact]) -> Ladder:
    """Return the ladder with its rungs in nats divided by the logarithm of the fact ``log_base``, where it is 2 or 10."""
    fact = facts.get("log_base")
    base, unit = _BASES.get(str(fact.value), (math.e, "")) if fact is not None else (math.e, "")
    if not unit:
        return ladder
    rungs = tuple(
        replace(rung, value=rung.value / math.log(base), unit=unit, formula=f"({rung.formula}) / ln {base:g}")
        if rung.unit == "nats"
        else rung
        for rung in ladder.rungs
    )
    return replace(ladder, rungs=rungs)

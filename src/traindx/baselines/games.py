"""Game playing networks: policy over moves plus value of the game."""

from __future__ import annotations

import math

from traindx.baselines.arithmetic import at_least, fraction, shown
from traindx.baselines.baseline import Baseline

SILVER = "Silver et al. 2017, Mastering the game of Go without human knowledge, equation 1"


def alphazero_chance(num_actions: int, draw_rate: float = 0.0) -> Baseline:
    """Return uniform moves and value 0: ln A + E z^2, outcomes z = ±1 except draws, so 1 - draw rate.

    >>> round(alphazero_chance(4672).value, 2), round(alphazero_chance(362).value, 2)
    (9.45, 6.89)
    """
    at_least(1, num_actions=num_actions)
    fraction(draw_rate=draw_rate)
    return Baseline(
        rung="chance",
        value=math.log(num_actions) + 1 - draw_rate,
        unit="nats + value²",
        formula=f"ln {num_actions} + 1 - {shown(draw_rate)}",
        meaning="every move equally likely, every position even",
        source=SILVER,
        conditions="softmax over all moves; over legal moves only it is ln of their number",
    )


def value_chance(draw_rate: float = 0.0) -> Baseline:
    """Return the value loss of calling every position even: 1 - draw rate.

    >>> value_chance(0.4).value
    0.6
    """
    fraction(draw_rate=draw_rate)
    return Baseline(
        rung="trivial",
        value=1 - draw_rate,
        unit="value²",
        formula=f"1 - {shown(draw_rate)}",
        meaning="every position even",
        source=SILVER,
        conditions="both sides win equally often",
    )

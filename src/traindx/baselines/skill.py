"""The one scale for all losses, and the conversions between ways of writing a loss."""

from __future__ import annotations

import math

from traindx.baselines.arithmetic import positive


def skill(loss: float, trivial: float, floor: float = 0.0) -> float:
    """Return (trivial - loss)/(trivial - floor): 0 at the best constant, 1 at the floor, below 0 worse than a constant.

    For MSE it is R^2. NaN where the trivial level is not above the floor: nothing can be learnt there.

    >>> round(skill(3.0, 7.56), 3)
    0.603
    """
    if not trivial > floor:
        return math.nan
    return (trivial - loss) / (trivial - floor)


def effective_choices(loss: float) -> float:
    """Return e^loss: how many equally likely candidates are left on average (the perplexity).

    >>> round(effective_choices(3.5), 1), round(effective_choices(0.0521), 3)
    (33.1, 1.053)
    """
    return math.exp(loss) if loss < 709.0 else math.inf


def perplexity(loss: float) -> float:
    """Return the perplexity of a loss in nats per token: e^loss.

    >>> round(perplexity(math.log(50257)))
    50257
    """
    return effective_choices(loss)


def from_perplexity(value: float) -> float:
    """Return the loss in nats of a perplexity: its natural logarithm.

    >>> from_perplexity(1.0)
    0.0
    """
    positive(perplexity=value)
    return math.log(value)


def bits(loss: float) -> float:
    """Return nats as bits: loss / ln 2.

    >>> bits(math.log(2))
    1.0
    """
    return loss / math.log(2.0)


def bits_per_byte(loss: float, bytes_per_token: float) -> float:
    """Return bits per byte of text from nats per token; unlike perplexity it compares across tokenizers.

    >>> round(bits_per_byte(3.12, 4.5), 3)
    1.0
    """
    positive(bytes_per_token=bytes_per_token)
    return bits(loss) / bytes_per_token

"""Target distributions of unit variance, with what the trivial predictors need of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import final

import numpy as np

from traindx.errors import unknown_name


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """A symmetric or skewed distribution scaled to variance 1.

    ``mean_deviation`` is E|X - median|. ``tail(x)`` is P(|X| > x), given for symmetric ones only, as is ``support``,
    the largest |X|.
    """

    name: str
    mean_deviation: float
    tail: Callable[[float], float] | None = None
    support: float = math.inf


def _normal_tail(x: float) -> float:
    return math.erfc(x / math.sqrt(2.0))


def _uniform_tail(x: float) -> float:
    return max(0.0, 1.0 - x / math.sqrt(3.0))


def _laplace_tail(x: float) -> float:
    return math.exp(-math.sqrt(2.0) * x)


def _student3_tail(x: float) -> float:
    # T with 3 degrees of freedom has variance 3; X = T/sqrt(3) has a closed form.
    return 1.0 - (2.0 / math.pi) * (math.atan(x) + x / (1.0 + x * x))


def _binary_tail(x: float) -> float:
    return 1.0 if x < 1.0 else 0.0


# Lognormal (sigma 1): E|X - 1| = sqrt(e) (2 Phi(1) - 1), divided by its deviation sqrt(e (e - 1)).
_LOGNORMAL_DEVIATION = math.erf(1.0 / math.sqrt(2.0)) / math.sqrt(math.e - 1.0)

DISTRIBUTIONS = {
    d.name: d
    for d in (
        Distribution(name="binary", mean_deviation=1.0, tail=_binary_tail, support=1.0),
        Distribution(name="laplace", mean_deviation=1.0 / math.sqrt(2.0), tail=_laplace_tail),
        Distribution(name="lognormal", mean_deviation=_LOGNORMAL_DEVIATION),
        Distribution(name="normal", mean_deviation=math.sqrt(2.0 / math.pi), tail=_normal_tail),
        Distribution(name="student3", mean_deviation=2.0 / math.pi, tail=_student3_tail),
        Distribution(name="uniform", mean_deviation=math.sqrt(3.0) / 2.0, tail=_uniform_tail, support=math.sqrt(3.0)),
    )
}


def distribution(name: str) -> Distribution:
    """Return the distribution of that name, or raise UsageError with the nearest names."""
    found = DISTRIBUTIONS.get(name)
    if found is None:
        raise unknown_name("distribution", name, DISTRIBUTIONS)
    return found


def mean_huber(tail: Callable[[float], float], mean_deviation: float, delta: float, support: float) -> float:
    """Return E of Huber's loss about the centre of a symmetric distribution.

    With slope min(|x|, d): E = integral of min(x, d) P(|X| > x) = d E|X| - integral over [0, d] of (d - x) P(|X| > x).
    The integral is Gauss-Legendre with 80 nodes on the part of [0, d] inside the support.
    """
    high = min(delta, support)
    nodes, weights = np.polynomial.legendre.leggauss(80)
    xs = 0.5 * high * (nodes + 1.0)
    inner = math.fsum(float(w) * (delta - float(x)) * tail(float(x)) for x, w in zip(xs, weights, strict=True))
    return delta * mean_deviation - 0.5 * high * inner

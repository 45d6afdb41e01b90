"""The little arithmetic that the theory needs, and the checks of its arguments."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from traindx.errors import UsageError


def shown(value: float) -> str:
    """Return a number as formulas print it: whole numbers in full, others with five significant digits.

    >>> shown(50257), shown(0.1), shown(1 / 3)
    ('50257', '0.1', '0.33333')
    """
    if math.isfinite(value) and value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.5g}"


def at_least(low: float, **named: float) -> None:
    """Raise UsageError for the first argument that is below ``low`` or is no finite number."""
    for name, value in named.items():
        if not (low <= value < math.inf):
            raise UsageError(f"{name} must be a number of at least {shown(low)}, not {shown(value)}")


def positive(**named: float) -> None:
    """Raise UsageError for the first argument that is not a finite number above zero."""
    for name, value in named.items():
        if not (0 < value < math.inf):
            raise UsageError(f"{name} must be a number above 0, not {shown(value)}")


def fraction(**named: float) -> None:
    """Raise UsageError for the first argument outside [0, 1]."""
    for name, value in named.items():
        if not (0 <= value <= 1):
            raise UsageError(f"{name} must lie between 0 and 1, not {shown(value)}", hint="write 2 % as 0.02")


def xlogx(p: float) -> float:
    """Return p ln p, with its limit 0 at p = 0."""
    return p * math.log(p) if p > 0 else 0.0


def binary_entropy(p: float) -> float:
    """Return -p ln p - (1-p) ln(1-p), in nats.

    >>> round(binary_entropy(0.1), 4)
    0.3251
    """
    return -xlogx(p) - xlogx(1.0 - p) + 0.0


def normalised(weights: Sequence[float]) -> tuple[float, ...]:
    """Return counts or weights as probabilities."""
    total = math.fsum(weights)
    if not weights or min(weights) < 0 or not (0 < total < math.inf):
        raise UsageError("a prior needs one non-negative count or probability per class", hint="for example 0.9,0.1")
    return tuple(w / total for w in weights)


def entropy(prior: Sequence[float]) -> float:
    """Return the entropy of counts or probabilities, in nats.

    >>> round(entropy([0.7, 0.2, 0.1]), 4)
    0.8018
    """
    return -math.fsum(xlogx(p) for p in normalised(prior)) + 0.0


def harmonic(n: int) -> float:
    """Return 1 + 1/2 + ... + 1/n: a sum up to 10,000 terms, then Euler and Maclaurin (error below 1e-18).

    >>> round(harmonic(100), 6)
    5.187378
    """
    if n <= 10_000:
        return math.fsum(1.0 / k for k in range(1, n + 1))
    return math.log(n) + 0.57721566490153286 + 1 / (2 * n) - 1 / (12 * n**2)


def log_choose(n: float, k: float) -> float:
    """Return ln of the binomial coefficient (n over k); minus infinity where it is zero."""
    if k < 0 or k > n:
        return -math.inf
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def log_sum_exp(values: Sequence[float]) -> float:
    """Return ln of the sum of exponentials without overflow; minus infinity for an empty sum."""
    top = max(values, default=-math.inf)
    return top if math.isinf(top) else top + math.log(math.fsum(math.exp(v - top) for v in values))


def softplus(x: float) -> float:
    """Return ln(1 + e^x) without overflow.

    >>> round(softplus(0.0), 4)
    0.6931
    """
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


def digamma(x: float) -> float:
    """Return the logarithmic derivative of the gamma function for x > 0, to about 1e-12.

    Recurrence up to 8, then the asymptotic series (Abramowitz and Stegun 6.3.18).
    """
    shift = 0.0
    while x < 8.0:
        shift -= 1.0 / x
        x += 1.0
    square = 1.0 / (x * x)
    series = square * (1 / 12 - square * (1 / 120 - square * (1 / 252 - square * (1 / 240 - square / 132))))
    return shift + math.log(x) - 0.5 / x - series


def normal_cdf(x: float) -> float:
    """Return the probability that a standard normal variable is below x."""
    return 0.5 * math.erfc(-x / math.sqrt(2.0))


def normal_density(x: float) -> float:
    """Return the standard normal density at x."""
    return math.exp(-0.5 * x * x) / math.sqrt(2.0 * math.pi)


def lowest(f: Callable[[float], float], low: float, high: float, *, rounds: int = 60) -> float:
    """Return where a function with one valley in [low, high] is lowest (golden section)."""
    ratio = (math.sqrt(5.0) - 1.0) / 2.0
    a, b = high - ratio * (high - low), low + ratio * (high - low)
    at_a, at_b = f(a), f(b)
    for _ in range(rounds):
        if at_a < at_b:
            high, b, at_b = b, a, at_a
            a = high - ratio * (high - low)
            at_a = f(a)
        else:
            low, a, at_a = a, b, at_b
            b = low + ratio * (high - low)
            at_b = f(b)
    return (low + high) / 2.0


def binomial_mean(f: Callable[[int], float], trials: int, p: float) -> float:
    """Return the mean of f(X), X binomial, summed over the 12 standard deviations around the mean that carry it."""
    if trials == 0 or p <= 0:
        return f(0)
    if p >= 1:
        return f(trials)
    spread = 12 * math.sqrt(trials * p * (1 - p)) + 12
    if spread > 100_000:
        # So many trials hardly scatter: smooth functions are then worth their value at the mean.
        return f(round(trials * p))
    low, high = max(0, int(trials * p - spread)), min(trials, int(trials * p + spread) + 1)
    log_p, log_q = math.log(p), math.log1p(-p)
    return math.fsum(
        f(x) * math.exp(log_choose(trials, x) + x * log_p + (trials - x) * log_q) for x in range(low, high + 1)
    )

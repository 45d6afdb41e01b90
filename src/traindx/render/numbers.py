"""Numbers as people read them: four significant digits, whole numbers whole, never a digit that was not measured."""

from __future__ import annotations

import math

_WHOLE_BELOW = 1_000_000  # a whole number under a million is shorter in full than as a power of ten


def number(value: float) -> str:
    """Return ``value`` with at most four significant digits; NaN and infinities by name.

    >>> number(5.5451774), number(15781.0), number(0.000012), number(float("nan"))
    ('5.545', '15,781', '1.2e-5', 'NaN')
    """
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Inf" if value > 0 else "-Inf"
    size = abs(value)
    if value == int(value) and size < _WHOLE_BELOW:
        return f"{int(value):,}"
    if 1000 <= size < _WHOLE_BELOW:
        return f"{round(value, 3 - math.floor(math.log10(size))):,.0f}"
    return _short_exponent(f"{value:.4g}")


def _short_exponent(text: str) -> str:
    mantissa, mark, exponent = text.partition("e")
    return f"{mantissa}e{int(exponent)}" if mark else text


def counted(count: int, singular: str, plural: str = "") -> str:
    """Return a count with its noun: ``1 row``, ``1,204 rows``."""
    return f"{count:,} {singular if count == 1 else plural or singular + 's'}"


def step(value: float) -> str:
    """Return a step number with thousands separated, ``?`` where unknown."""
    if not math.isfinite(value):
        return "?"
    return f"{int(value):,}" if value == int(value) else number(value)


def steps(first: float, last: float, dash: str = "–") -> str:
    """Return a range of steps in words, or nothing where both ends are unknown.

    >>> steps(0, 4100), steps(7, 7), steps(float("nan"), float("nan"))
    ('steps 0–4,100', 'step 7', '')
    """
    if not (math.isfinite(first) or math.isfinite(last)):
        return ""
    if first == last:
        return f"step {step(first)}"
    return f"steps {step(first)}{dash}{step(last)}"


def percent(probability: float) -> str:
    """Return a probability in whole percent; ``100 %`` is kept for certainty.

    >>> percent(0.997), percent(1.0), percent(0.5)
    ('99 %', '100 %', '50 %')
    """
    if not math.isfinite(probability):
        return "? %"
    whole = math.floor(100 * min(max(probability, 0.0), 1.0) + 0.5)
    return f"{min(whole, 99) if probability < 1 else 100} %"


def fact_value(value: float | str | bool) -> str:
    """Return the value of a fact as it is typed: whole numbers without separators, words as they are.

    >>> fact_value(50257), fact_value(0.07), fact_value(True), fact_value("adamw")
    ('50257', '0.07', 'true', 'adamw')
    """
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else f"{value:.6g}" if isinstance(value, float) else str(value)

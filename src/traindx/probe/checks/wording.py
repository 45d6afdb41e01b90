"""How checks write numbers and names."""

from __future__ import annotations

from collections.abc import Sequence

_SHOWN = 3


def n(value: float) -> str:
    """Return a number with three digits."""
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e7 else f"{value:.3g}"


def percent(share: float) -> str:
    """Return a share as a percentage."""
    return f"{share:.0%}" if share >= 0.1 or share == 0 else f"{share:.1%}"


def some(names: Sequence[str]) -> str:
    """Return the first names, and how many more there are."""
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")

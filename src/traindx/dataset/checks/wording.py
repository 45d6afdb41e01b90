"""How findings about data print their numbers."""

from __future__ import annotations

from collections.abc import Sequence


def n(value: float) -> str:
    """Return a number with at most four digits, whole ones with separators.

    >>> n(15781.0), n(0.00012345), n(67.825), n(3.0), n(1.2e30)
    ('15,780', '0.0001234', '67.83', '3', '1.2e+30')
    """
    if value != value or value in (float("inf"), float("-inf")):
        return str(value)
    if value == int(value) and abs(value) < 1e4:
        return f"{int(value)}"
    if 1e3 <= abs(value) < 1e9:
        return f"{float(f'{value:.4g}'):,.0f}"
    return f"{value:.4g}"


def share(value: float) -> str:
    """Return a share in percent with the digits that matter.

    >>> share(0.5), share(0.0123), share(0.00004)
    ('50 %', '1.2 %', '0.004 %')
    """
    percent = 100 * value
    if 99.95 <= percent < 100:
        return "over 99.9 %"
    return f"{percent:.1f} %".replace(".0 %", " %") if percent >= 1 else f"{percent:.2g} %"


def some(names: Sequence[str], most: int = 3) -> str:
    """Return the first names, and how many more there are.

    >>> some(["a", "b", "c", "d"]), some(["a"])
    ('a, b, c and 1 more', 'a')
    """
    told = ", ".join(names[:most])
    return told if len(names) <= most else f"{told} and {len(names) - most} more"

"""How figures of two splits are written."""

from __future__ import annotations

from collections.abc import Sequence


def share(value: float) -> str:
    """Return a share as per cent, with digits enough to tell it from none and from all.

    >>> share(0.034), share(0.00042), share(1.0), share(0.9999)
    ('3.4 %', '0.042 %', '100 %', '99.99 %')
    """
    if value > 0.995 and value < 1:
        return f"{100 * value:.4g} %"
    return f"{100 * value:.{2 if value < 0.001 else 3 if value >= 0.01 else 2}g} %"


def count(number: int, what: str) -> str:
    """Return a number of things.

    >>> count(1, "row"), count(12345, "row")
    ('1 row', '12,345 rows')
    """
    return f"{number:,} {what}" + ("" if number == 1 else "s")


def rows_of(numbers: Sequence[int], total: int) -> str:
    """Return row numbers, and that there are more.

    >>> rows_of([3, 8], 2), rows_of([3, 8], 40)
    ('rows 3 and 8', 'rows 3, 8 ...')
    """
    if total > len(numbers):
        return f"rows {', '.join(map(str, numbers))} ..."
    return f"row {numbers[0]}" if len(numbers) == 1 else f"rows {', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"

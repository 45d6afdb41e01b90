"""Names of faults with their causes, for a program's table."""

from __future__ import annotations

from benchmarks.accuracy.faults import FAULTS


def causes(*names: str) -> dict[str, str]:
    """Return the cause of each of these faults.

    >>> causes("sign-flipped")
    {'sign-flipped': 'gradient-sign-flipped'}
    """
    return {name: FAULTS[name].cause for name in names}

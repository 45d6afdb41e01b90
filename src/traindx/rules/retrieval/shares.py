"""Recall as a share, whether the program prints it as one or in per cent."""

from __future__ import annotations

from traindx.context import Reading


def last_share(reading: Reading) -> float:
    """The last level of a series that has a curve, as a share of one."""
    assert reading.curve is not None
    return reading.curve.end.value / reading.full

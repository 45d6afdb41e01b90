"""What a user told a monitor is never overruled by what a framework tells."""

from __future__ import annotations

from collections.abc import Mapping

from traindx.context import FactValue, canonical_fact
from traindx.errors import UsageError
from traindx.live import Monitor


def besides_given(found: Mapping[str, FactValue | None], monitor: Monitor) -> dict[str, FactValue | None]:
    """Return those facts that the monitor was not made with, under whichever name."""
    given = {_spelled(name) for name in monitor.given}
    return {name: value for name, value in found.items() if name not in given}


def _spelled(name: str) -> str:
    try:
        return canonical_fact(name)
    except UsageError:  # told for another purpose
        return name

"""How often a run is judged while it trains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often a run is judged. ``every_s`` of infinity judges only when asked, when a guard trips, and at the end."""

    first_s: float = 10.0
    first_steps: int = 50
    """Fewer points than that show little."""

    late_s: float = 120.0
    """A run of long steps is judged by then, however few they were."""

    every_s: float = 20.0
    cost_factor: float = 1000.0
    """Between two judgements lie a thousand times the processor seconds of the last one: a tenth of a per cent on average."""

    asked_factor: float = 50.0
    """After a guard's trip, and while something new waits to be confirmed, fifty times are enough: both are rare and short."""

    hurried: int = 4
    """How many judgements in a row may follow so soon: a finding that flickers must not keep them coming."""

    poll_s: float = 1.0
    """How often the thread wakes to see whether something is due: some 50 µs each."""

    closing_s: float = 20.0
    """How long the end of a training waits for the last judgement."""

"""Where a run will end, and whether it is worth going on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, final

Advice = Literal["continue", "stop", "probe", "refused"]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """Where a series will stand at the end of the run.

    ``value`` lies between ``low`` and ``high`` with probability ``coverage``; all three are None where the forecast is
    refused, and ``text`` says why. ``axis`` tells what ``now_at`` and ``end_at`` count. ``gain`` is how much better the end will be than the
    present level, with its interval. ``seconds_left`` is the time to the end at the measured pace.
    """

    series: str
    schedule: str
    axis: Literal["step", "epoch"]
    now: float
    now_at: float
    end_at: float | None = None
    value: float | None = None
    low: float | None = None
    high: float | None = None
    coverage: float = 0.9
    gain: float | None = None
    gain_low: float | None = None
    gain_high: float | None = None
    seconds_left: float | None = None
    advice: Advice = "refused"
    text: str = ""

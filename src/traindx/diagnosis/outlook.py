"""Where a run will end, and whether it is worth going on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, final

Advice = Literal["continue", "stop", "probe", "refused"]
Known = Literal["given", "read", "inferred", "assumed", ""]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """The same forecast under one schedule, where it is not known which one the run follows."""

    schedule: str
    value: float
    low: float
    high: float


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """When ``target`` is reached: the earliest, expected and latest place; None means not within the plan."""

    target: float
    earliest: float | None
    expected: float | None
    latest: float | None
    reached: bool = False


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """Where a series will stand at the end of the run.

    ``value`` is the level of the last 4 % of the run and lies between ``low`` and ``high`` with probability ``coverage``; all three are
    None where the forecast is refused, and ``text`` says why. ``axis`` tells what ``now_at`` and ``end_at`` count; ``end_from`` and
    ``schedule_from`` say how the plan is known. ``gain`` is how much better the end will be than the present level, with its
    interval; ``worthwhile`` the least gain worth having. ``seconds_left`` is the time to the end at the measured pace, and
    ``slowdown`` how many times as long a step takes now as at first. ``branches`` hold what each possible schedule would bring.
    """

    series: str
    schedule: str
    axis: Literal["step", "epoch"]
    now: float
    now_at: float
    schedule_from: Known = ""
    end_at: float | None = None
    end_from: Known = ""
    value: float | None = None
    low: float | None = None
    high: float | None = None
    coverage: float = 0.9
    gain: float | None = None
    gain_low: float | None = None
    gain_high: float | None = None
    worthwhile: float | None = None
    seconds_left: float | None = None
    seconds_low: float | None = None
    seconds_high: float | None = None
    slowdown: float | None = None
    branches: tuple[Branch, ...] = ()
    reach: Reach | None = None
    advice: Advice = "refused"
    text: str = ""

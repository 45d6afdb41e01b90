"""What the live commands share: how to watch, the request that their options make, and what observes a path."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast, final

from traindx.cli.configuration import Configuration
from traindx.cli.options import codes_of, facts_of, roles_of
from traindx.cli.request import Request

if TYPE_CHECKING:
    from traindx.diagnosis import Report
    from traindx.live import Observation, Observer, StopPolicy


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Watching:
    """How to watch: the seconds between looks, when to end, how long nothing may come, the seconds between signs of life."""

    interval_s: float = 1.0
    once: bool = False
    until_done: bool = False
    idle_s: float = 60.0
    pulse_s: float = 60.0


def request_of(configuration: Configuration | None, paths: tuple[str, ...], options: dict[str, object]) -> Request:
    """Return the request that the options of a live command make."""

    def texts(name: str) -> list[str]:
        found = options.get(name) or ()
        return list(map(str, cast("tuple[object, ...]", found))) if isinstance(found, tuple) else [str(found)]

    metric, color = options.get("metric"), options.get("color")
    return Request(
        paths=paths,
        configuration=configuration or Configuration(),
        facts=facts_of(texts("facts")),
        roles=roles_of(texts("roles")),
        metric=str(metric) if metric is not None else None,
        select=codes_of(texts("select")),
        ignore=codes_of(texts("ignore")),
        fail_on=str(options.get("fail_on") or "warning"),
        color=bool(color) if color is not None else None,
        plain=bool(options.get("plain")),
    )


def observer_of(request: Request, path: str, policy: StopPolicy | None = None) -> Observer:
    """Return what observes ``path`` and judges as the request says. Wrong facts, roles and codes are told now, not at the first step."""
    from traindx.cli.judging import report_of
    from traindx.live import Observer, StopPolicy
    from traindx.run import Run

    _ = report_of(Run(name="", series={}, sources=()), replace(request, metric=None))  # a series may come later
    return Observer(os.path.expanduser(path), lambda run: report_of(run, request), policy or StopPolicy())


def is_over(seen: Observation) -> bool:
    """Whether every run has come to the end that was planned, or has nothing left to gain."""
    return bool(seen.reports) and all(map(_is_over, seen.reports))


def _is_over(report: Report) -> bool:
    outlook = report.forecast
    if outlook is not None and outlook.end_at is not None and outlook.end_from in ("given", "read"):
        return outlook.now_at >= outlook.end_at
    return report.action.do == "finish"


@final
class Rhythm:
    """How long ago a path has grown; before it was watched, by the times of its files."""

    def __init__(self, told: Watching, observer: Observer, clock: Callable[[], float] = time.monotonic) -> None:
        self._told, self._clock = told, clock
        self._last_growth = clock() - _age_s(os.fspath(observer.path))
        self._begun = False

    def grown(self) -> None:
        """Take note that something new was read; what the first reading finds may be old."""
        if self._begun:
            self._last_growth = self._clock()
        self._begun = True

    def idle_s(self) -> float:
        """Return the seconds since it has grown."""
        return self._clock() - self._last_growth

    def is_done(self, seen: Observation) -> bool:
        """Whether the run is over: by its plan, or because nothing has come for as long as was told."""
        readable = seen.problem is None and seen.reports
        return bool(readable and is_over(seen)) or self.idle_s() >= self._told.idle_s


def _age_s(path: str) -> float:
    """Return how many seconds ago a file of the path was last written to; 0 where there is none."""
    from traindx.readers import fingerprint

    newest_ns = max((one[4] for one in fingerprint(path)), default=0)
    return max(time.time() - newest_ns / 1e9, 0.0) if newest_ns else 0.0

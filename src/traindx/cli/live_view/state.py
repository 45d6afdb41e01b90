"""What of a run the live view shows: which run and series, on which axes, filtered by what. No terminal is needed here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, final

import numpy as np
from numpy.typing import NDArray

from traindx.diagnosis import Finding, Report
from traindx.live import Observation
from traindx.run import Run, Series

SMOOTHINGS: Final = (0.0, 0.6, 0.9)
AXES: Final = ("step", "epoch", "time")
_BASELINES: Final = ("floor", "typical", "trivial", "chance", "initial")
Floats = NDArray[np.float64]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ViewState:
    """What is chosen. ``run`` and ``series`` are None for the gravest run and its judged loss."""

    run: int | None = None
    series: str | None = None
    log: bool = False
    axis: str = "step"
    smoothing: float = 0.0
    baselines: bool = True
    query: str = ""
    following: bool = True

    def smoother(self) -> ViewState:
        """Return the state with the next smoothing: none, 0.6, 0.9, and none again."""
        at = SMOOTHINGS.index(self.smoothing)
        return replace(self, smoothing=SMOOTHINGS[(at + 1) % len(SMOOTHINGS)])

    def next_axis(self, series: Series | None) -> ViewState:
        """Return the state with the next axis that the series has."""
        known = [axis for axis in AXES if series is not None and has_axis(series, axis)] or ["step"]
        at = known.index(self.axis) if self.axis in known else -1
        return replace(self, axis=known[(at + 1) % len(known)])

    def next_series(self, names: Sequence[str], shown: str, by: int) -> ViewState:
        """Return the state with the series ``by`` places after the one that is shown."""
        if not names:
            return self
        at = names.index(shown) if shown in names else -by if by > 0 else 0
        return replace(self, series=names[(at + by) % len(names)])

    def next_run(self, seen: Observation, by: int) -> ViewState:
        """Return the state with another run of the path, its own judged loss first."""
        if not seen.reports:
            return self
        return replace(self, run=(run_shown(self, seen) + by) % len(seen.reports), series=None)


def run_shown(state: ViewState, seen: Observation) -> int:
    """Return which run is shown: the chosen one, else the gravest."""
    if state.run is not None and state.run < len(seen.reports):
        return state.run
    return seen.gravest


def series_names(run: Run, query: str = "") -> list[str]:
    """Return the names of the series that the query leaves, all of them where it leaves none."""
    names = [name for name, one in run.series.items() if len(one)]
    return [name for name in names if query.lower() in name.lower()] or names


def series_shown(state: ViewState, run: Run, report: Report) -> Series | None:
    """Return the series to draw: the chosen one, else the judged loss, else the first."""
    judged = report.scale.series if report.scale else ""
    names = series_names(run, state.query)
    wanted = (state.series, judged, names[0] if names else None)
    return next((run.series[name] for name in wanted if name in names), None)


def findings_shown(report: Report, query: str = "") -> list[Finding]:
    """Return the findings that the query leaves: it is looked for in code, name, headline and condition."""
    return [
        finding
        for finding in report.findings
        if query.lower() in f"{finding.code} {finding.name} {finding.headline} {finding.condition}".lower()
    ]


def has_axis(series: Series, axis: str) -> bool:
    """Whether the series was logged over that axis."""
    return axis == "step" or bool(np.isfinite(places(series, axis)).any())


def places(series: Series, axis: str) -> Floats:
    """Return where on an axis the points stand; time in hours since the first of them."""
    if axis == "epoch":
        return series.epochs
    if axis == "time":
        known = series.wall_times[np.isfinite(series.wall_times)]
        return (series.wall_times - (known[0] if len(known) else 0.0)) / 3600
    return series.steps


def baselines_of(report: Report, series: Series) -> list[tuple[str, float]]:
    """Return the values that theory predicts for a series, where it is the one that was judged."""
    if report.scale is None or report.scale.series != series.name:
        return []
    return [
        (mark.label if mark.name == "chance" and mark.label else mark.name, mark.value)
        for mark in report.scale.marks
        if mark.name in _BASELINES and np.isfinite(mark.value)
    ]

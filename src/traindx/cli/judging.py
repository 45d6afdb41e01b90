"""Reading and judging every path of a request: one path that cannot be read does not hide the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import final

import numpy as np

from traindx import api
from traindx.cli.request import Request
from traindx.cli.streams import complain
from traindx.context import READINGS, Reading, build_case
from traindx.diagnosis import Report
from traindx.errors import TraindxError, UsageError
from traindx.run import Run, Series


@final
@dataclass(slots=True)
class Judged:
    """The reports of a request, and how many of its paths could not be read."""

    reports: list[Report] = field(default_factory=list[Report])
    failures: int = 0


def judge(request: Request) -> Judged:
    """Return the reports of all runs in all paths. Errors of a path go to standard error and are counted."""
    judged = Judged()
    for path in request.paths:
        try:
            judged.reports += [_report(run, path, request) for run in runs_of(path, request)]
        except UsageError:
            raise
        except TraindxError as error:
            complain(error.problem, where=error.where, hint=error.hint)
            judged.failures += 1
    return judged


def runs_of(path: str, request: Request) -> Iterator[Run]:
    """Read a path and yield its runs, cut to the steps that were asked for."""
    for run in api.read(path, stdin_filename=request.stdin_filename):
        yield _between(run, request.since, request.until)


def _report(run: Run, path: str, request: Request) -> Report:
    names = (run.name, path, PurePath(path).name)
    found = api.diagnose(
        run,
        facts=request.configuration.facts_for(*names) | dict(request.facts),
        roles=request.configuration.roles_for(*names) | dict(request.roles),
        select=request.select,
        ignore=request.ignore,
        metric=request.metric,
        options=request.configuration.rules,
    )
    return found[0] if isinstance(found, list) else found


def _between(run: Run, since: float | None, until: float | None) -> Run:
    if since is None and until is None:
        return run
    low, high = -np.inf if since is None else since, np.inf if until is None else until
    kept = {name: _cut(series, low, high) for name, series in run.series.items()}
    return replace(run, series={name: series for name, series in kept.items() if len(series)})


def _cut(series: Series, low: float, high: float) -> Series:
    return series.take((series.steps >= low) & (series.steps <= high))


def readings_of(run: Run, path: str, request: Request) -> tuple[Reading, ...]:
    """Return every series of a run with its role, as the rules see them."""
    names = (run.name, path, PurePath(path).name)
    roles = request.configuration.roles_for(*names) | dict(request.roles)
    return build_case(run, roles=roles)[READINGS]

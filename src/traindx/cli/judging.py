"""Reading and judging every path of a request: one path that cannot be read does not hide the others."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import final

import numpy as np

from traindx import api
from traindx.cli.request import Request
from traindx.cli.streams import complain
from traindx.context import READINGS, Case, Reading, build_case
from traindx.diagnosis import Report
from traindx.errors import TraindxError
from traindx.readers import read_path
from traindx.run import Run, Series, Setting


@final
@dataclass(slots=True)
class Judged:
    """The reports of a request, and how many of its paths could not be read."""

    reports: list[Report] = field(default_factory=list[Report])
    failures: int = 0


def judge(request: Request) -> Judged:
    """Return the reports of all runs in all paths. Paths that cannot be read are told on standard error and counted."""
    told = settings_of_data(request.data_baselines)
    runs, failures = read_all(request)
    return Judged([report_of(replace(run, settings=(*run.settings, *told)), request) for run in runs], failures)


def settings_of_data(path: str | None) -> tuple[Setting, ...]:
    """Return what a file of ``traindx data --baselines-out`` says of any run on that dataset, as settings found beside the log.

    What the log or its settings say of the same fact goes before. Raises ``UsageError`` and ``UnreadableDataError``.
    """
    if path is None:
        return ()
    from traindx.dataset import read_baselines

    found = read_baselines(path)
    return tuple(Setting(fact.key, fact.value, f"{path} ({fact.source})") for fact in found.facts)


def read_all(request: Request) -> tuple[list[Run], int]:
    """Return every run, cut to the steps asked for, and how many paths could not be read.

    The paths are read together first, for several files may make one run; one by one where that fails.
    """
    try:
        found, failures = read_path(request.paths, stdin_filename=request.stdin_filename), 0
    except TraindxError as error:
        if len(request.paths) == 1:
            complain(error.problem, where=error.where, hint=error.hint)
            return [], 1
        found, failures = _one_by_one(request)
    return [_between(run, request.since, request.until) for run in found], failures


def _one_by_one(request: Request) -> tuple[list[Run], int]:
    found: list[Run] = []
    failures = 0
    for path in request.paths:
        try:
            found += read_path(path, stdin_filename=request.stdin_filename)
        except TraindxError as error:
            complain(error.problem, where=error.where, hint=error.hint)
            failures += 1
    return found, failures


def names_of(run: Run) -> tuple[str, ...]:
    """Return what a pattern for this run may match: its name, and the path and name of each of its files."""
    paths = [source.path for source in run.sources]
    return (run.name, *paths, *(PurePath(path).name for path in paths))


def case_of(run: Run, request: Request) -> Case:
    """Return the case of a run with the facts and roles of the request."""
    names, configuration = names_of(run), request.configuration
    return build_case(
        run,
        given=configuration.facts_for(*names) | dict(request.facts),
        roles=configuration.roles_for(*names) | dict(request.roles),
        metric=request.metric,
    )


def report_of(run: Run, request: Request) -> Report:
    """Return the report of one run with the facts, roles, rules and options of the request."""
    names, configuration = names_of(run), request.configuration
    (report,) = api.diagnose_all(
        run,
        facts=configuration.facts_for(*names) | dict(request.facts),
        roles=configuration.roles_for(*names) | dict(request.roles),
        select=request.select,
        ignore=request.ignore,
        metric=request.metric,
        options=configuration.rules,
    )
    return report


def _between(run: Run, since: float | None, until: float | None) -> Run:
    if since is None and until is None:
        return run
    low, high = -np.inf if since is None else since, np.inf if until is None else until
    kept = {name: _cut(series, low, high) for name, series in run.series.items()}
    return replace(run, series={name: series for name, series in kept.items() if len(series)})


def _cut(series: Series, low: float, high: float) -> Series:
    return series.take((series.steps >= low) & (series.steps <= high))


def readings_of(run: Run, request: Request) -> tuple[Reading, ...]:
    """Return every series of a run with its role, as the rules see them."""
    roles = request.configuration.roles_for(*names_of(run)) | dict(request.roles)
    return build_case(run, roles=roles)[READINGS]

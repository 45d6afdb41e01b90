"""The wiring: paths to runs, runs to reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike

from traindx.context import FactValue
from traindx.diagnosis import Alignment, Comparison, Report
from traindx.engine import compare_groups, diagnose_run, judged_member, select_rules
from traindx.readers import read_path
from traindx.run import Run

Facts = Mapping[str, FactValue | str]
PathName = str | PathLike[str]


def read(
    path: PathName | Sequence[PathName], *, roles: Mapping[str, str] | None = None, facts: Facts | None = None
) -> list[Run]:
    """Read every run under ``path``: a file, a directory, a glob, ``-`` for standard input, or several of them.

    ``roles`` and ``facts`` are accepted so that one call can be handed on to ``diagnose``; they do not change what is read.
    Raises ``UnreadableLogError`` with file, line and a hint where nothing can be read.
    """
    del roles, facts
    return read_path(path)


def diagnose(
    path_or_run: PathName | Run | Sequence[PathName | Run],
    *,
    facts: Facts | None = None,
    roles: Mapping[str, str] | None = None,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
) -> Report | list[Report]:
    """Judge a run, or every run under a path: one report, or a list where there are several.

    ``facts`` (``{"batch_size": 256}``) override what is read or inferred; ``roles`` (``{"closs": "train/loss"}``) correct
    what names mean. Raises ``UnreadableLogError`` and ``UsageError``.
    """
    reports = diagnose_all(path_or_run, facts=facts, roles=roles, select=select, ignore=ignore)
    return reports[0] if len(reports) == 1 else reports


def diagnose_all(
    paths: PathName | Run | Sequence[PathName | Run],
    *,
    facts: Facts | None = None,
    roles: Mapping[str, str] | None = None,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    options: Mapping[str, Mapping[str, object]] | None = None,
    metric: str | None = None,
) -> list[Report]:
    """Judge all runs of all paths; ``options`` sets fields of single rules, ``metric`` names the series to judge."""
    rules = select_rules(select, ignore, options)
    return [diagnose_run(run, rules, facts=facts, roles=roles, metric=metric) for run in _runs(paths)]


def compare(
    before: PathName | Run | Sequence[PathName | Run],
    after: PathName | Run | Sequence[PathName | Run],
    *,
    facts: Facts | None = None,
    roles: Mapping[str, str] | None = None,
    by: Alignment | None = None,
) -> Comparison:
    """Compare a run, or a group of runs that differ in nothing but the seed, with another.

    ``by`` is the axis to align them by (``step``, ``epoch``, ``samples``, ``tokens``, ``time``), chosen from the runs by default. Raises
    ``UnreadableLogError``, and ``UsageError`` where they have no quantity in common.
    """
    rules = select_rules()
    groups = [
        [judged_member(run, rules, facts=facts, roles=roles) for run in _runs(group)] for group in (before, after)
    ]
    return compare_groups(groups[0], groups[1], by)


def _runs(paths: PathName | Run | Sequence[PathName | Run]) -> list[Run]:
    if isinstance(paths, Run):
        return [paths]
    if isinstance(paths, str | PathLike):
        return read_path(paths)
    given = list(paths)
    runs = [item for item in given if isinstance(item, Run)]
    names = [item for item in given if not isinstance(item, Run)]
    return runs + (read_path(names) if names else [])

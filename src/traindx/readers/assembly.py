"""From a plan to runs: read its files, name its splits, join what belongs together."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from traindx.errors import UnreadableLogError
from traindx.readers.beside import settings_in
from traindx.readers.checkpoints import in_order
from traindx.readers.choice import read_log
from traindx.readers.mlflow_store import read_metric_files
from traindx.readers.opening import open_log
from traindx.readers.plans import SPLITS, Part, Plan
from traindx.readers.tensorboard import merge_event_files
from traindx.run import Run, join_runs

_MAX_NOTES: Final = 20
ReadFile = Callable[[str], list[Run]]  # a local path to the runs in that one file


def read_file(path: str) -> list[Run]:
    """Return the runs in one file. Raises ``UnreadableLogError``."""
    return read_log(open_log(path))


def runs_of_plan(plan: Plan, reading: ReadFile = read_file) -> list[Run]:
    """Return the runs of a plan: one, and those of sub-folders or databases that turned out to be others.

    ``reading`` reads each file; one that follows the files as they grow reads only what is new. A file that cannot be read becomes a note of the run; where no file can, the first error is raised.
    """
    if plan.is_mlflow:
        run = read_metric_files(plan.name, ((part.metric, open_log(part.path)) for part in plan.parts))
        return [_with_beside(run, plan)]
    notes = [f"not read: {path}: data or another log; give it by name to have it judged" for path in plan.left_out]
    runs = _joined_events(list(_read_parts(plan.parts, notes, reading)))
    others = [run for _, more in runs for run in more[1:]]
    parts = [_renamed(more[0], part) for part, more in runs if more]
    for sub in plan.scalars:
        own, separate = _scalars(sub, reading)
        parts += own
        others += separate
    if not parts:
        return others
    useful = [part for part in parts if part.series] or parts[:1]
    joined = join_runs(plan.name, useful)
    return [_with_beside(replace(joined, notes=joined.notes + tuple(notes[:_MAX_NOTES])), plan), *others]


def _read_parts(parts: Iterable[Part], notes: list[str], reading: ReadFile) -> Iterable[tuple[Part, list[Run]]]:
    first: UnreadableLogError | None = None
    found = False
    for part in parts:
        try:
            runs = reading(part.path)
        except UnreadableLogError as error:
            first = first or error
            notes.append(f"not read: {error}")
            continue
        found = True
        yield part, runs
    if not found and first is not None:
        raise first


def _joined_events(parts: list[tuple[Part, list[Run]]]) -> list[tuple[Part, list[Run]]]:
    """Event files of one directory and split are one stream that restarts continue, whatever their steps do."""
    streams: dict[tuple[str, str], list[Run]] = {}
    joined: list[tuple[Part, list[Run]]] = []
    for part, runs in parts:
        if not part.is_events:
            joined.append((part, runs))
            continue
        key = (part.prefix, "" if _is_restart_folder(part.path) else os.path.dirname(part.path))
        if key not in streams:
            streams[key] = []
            joined.append((part, streams[key]))
        streams[key] += runs
    for stream in streams.values():
        stream[:] = [merge_event_files(stream)] if len(stream) > 1 else stream
    return joined


def _is_restart_folder(path: str) -> bool:
    """Hugging Face's trainer opens ``runs/<time>_<host>`` anew each time it is started."""
    return os.path.basename(os.path.dirname(os.path.dirname(path))) == "runs"


def _renamed(run: Run, part: Part) -> Run:
    """Give the series the metric name or the split that their folder tells."""
    if part.metric and len(run.series) == 1:
        return _with_names(run, {next(iter(run.series)): part.metric})
    if part.prefix:
        return _with_names(run, {name: _in_split(name, part.prefix) for name in run.series})
    return run


def _in_split(name: str, prefix: str) -> str:
    words = [word for word, other in SPLITS.items() if other == prefix]
    return name if name.lower().startswith(tuple(words)) else prefix + name


def _with_names(run: Run, names: dict[str, str]) -> Run:
    series = {names[name]: replace(one, name=names[name]) for name, one in run.series.items()}
    return replace(run, series=series)


def _scalars(sub: Plan, reading: ReadFile) -> tuple[list[Run], list[Run]]:
    """Split a sub-folder's runs into those of the plan and others.

    ``SummaryWriter.add_scalars("loss", {"val": x})`` writes tag ``loss`` into the folder ``loss_val``.
    """
    runs = runs_of_plan(sub, reading)
    tags = {name for run in runs for name in run.series}
    tag = next(iter(tags)) if len(tags) == 1 else ""
    start = tag.replace("/", "_").replace(" ", "_") + "_"
    folder = os.path.basename(sub.home)
    if not tag or not folder.startswith(start):
        return [], runs
    word = folder[len(start) :]
    prefix = SPLITS.get(word.lower())
    name = f"{tag}/{word}" if not prefix else _in_split(tag, prefix)
    return [_with_names(run, {tag: name}) for run in runs], []


def _with_beside(run: Run, plan: Plan) -> Run:
    return replace(
        run,
        name=plan.name,
        settings=run.settings + settings_in(plan.settings, plan.home),
        checkpoints=in_order((*run.checkpoints, *plan.checkpoints)),
    )

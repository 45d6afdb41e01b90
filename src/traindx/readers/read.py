"""From paths to runs: files, directories, patterns, URLs and standard input."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

from traindx.errors import UnreadableLogError
from traindx.readers.assembly import ReadFile, read_file, runs_of_plan
from traindx.readers.beside import beside
from traindx.readers.checkpoints import in_order
from traindx.readers.choice import read_log
from traindx.readers.folders import files_plan, plans_of
from traindx.readers.opening import open_log
from traindx.readers.walk import Folder, walk
from traindx.run import Run


def read_path(
    paths: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    *,
    stdin_filename: str = "",
    reading: ReadFile = read_file,
) -> list[Run]:
    """Return the runs found at ``paths``, in order; several paths are several runs.

    A path is a file (compressed or not), a directory, a pattern with ``*``, ``-`` for standard input (called
    ``stdin_filename``), or a URL that fsspec knows. Files of one directory that only together make one run
    (TensorBoard's event files, one file per epoch) are joined. ``reading`` reads each local file: one that
    remembers what it has read makes reading a growing path again cheap. Raises ``UnreadableLogError`` where a path gives
    nothing, ``MissingExtraError`` where an optional package is needed.
    """
    given = [paths] if isinstance(paths, str | os.PathLike) else paths
    runs: list[Run] = []
    for group in _groups(_expanded([os.fspath(path) for path in given])):
        runs += _read_group(group, stdin_filename, reading)
    return runs


def _read_group(group: list[str], stdin_filename: str, reading: ReadFile) -> list[Run]:
    first = group[0]
    if len(group) > 1:
        return runs_of_plan(files_plan(group), reading)
    if first != "-" and "://" not in first and os.path.isdir(first):
        return _read_directory(first, reading)
    return _read_file(first, stdin_filename, reading)


def _read_file(path: str, stdin_filename: str, reading: ReadFile) -> list[Run]:
    if path == "-" or "://" in path:
        return read_log(open_log(path, stdin_filename=stdin_filename))
    runs = reading(path)
    if len(runs) != 1:
        return runs
    settings, checkpoints = beside(path)
    run = runs[0]
    return [replace(run, settings=run.settings + settings, checkpoints=in_order((*run.checkpoints, *checkpoints)))]


def _read_directory(path: str, reading: ReadFile) -> list[Run]:
    tree = walk(path)
    plans = plans_of(tree, "")
    runs: list[Run] = []
    errors: list[UnreadableLogError] = []
    root = os.path.basename(os.path.abspath(path))
    for plan in plans:
        try:
            runs += runs_of_plan(replace(plan, name=plan.name or root), reading)
        except UnreadableLogError as error:
            errors.append(error)
    read = [run for run in runs if run.series] or runs
    if not read:
        raise errors[0] if len(errors) == 1 else _nothing_found(tree, errors)
    if errors:
        told = tuple(f"not read: {error}" for error in errors[:20])
        read[0] = replace(read[0], notes=read[0].notes + told)
    return read


def _nothing_found(tree: Folder, errors: list[UnreadableLogError]) -> UnreadableLogError:
    seen = ", ".join([*list(tree.files)[:5], *(f"{name}/" for name in list(tree.folders)[:5])]) or "nothing"
    why = f"; the first of {len(errors)} files tried: {errors[0].problem}" if errors else ""
    return UnreadableLogError(
        f"no training log in this directory, which holds {seen}{why}",
        where=tree.path,
        hint="give the log file itself, or the directory that the training program wrote",
    )


def _expanded(paths: Sequence[str]) -> Iterator[str]:
    """Expand patterns that no shell has expanded; a file whose real name has a ``*`` or ``[`` stands for itself."""
    for path in paths:
        if path == "-" or "://" in path or os.path.lexists(path):
            yield path
        elif glob.has_magic(path):
            found = sorted(glob.glob(os.path.expanduser(path), recursive=True))
            if not found:
                raise UnreadableLogError("no file matches this pattern", where=path)
            yield from found
        elif os.path.lexists(os.path.expanduser(path)):
            yield os.path.expanduser(path)
        else:
            raise _not_found(path)


def _not_found(path: str) -> UnreadableLogError:
    parent = Path(path).parent
    names = [entry.name for entry in parent.iterdir()][:5_000] if parent.is_dir() else []
    near = get_close_matches(Path(path).name, names, n=3)
    hint = "did you mean " + " or ".join(str(parent / name) for name in near) + "?" if near else ""
    return UnreadableLogError("there is no such file or directory", where=path, hint=hint)


def _groups(paths: Iterator[str]) -> Iterator[list[str]]:
    """Put files that only together make a run into one group; the others stand alone."""
    groups: dict[tuple[str, str], list[str]] = {}
    for path in paths:
        name = os.path.basename(path)
        kind = "events" if "tfevents" in name else "epochs" if name.startswith("metrics_epoch_") else path
        groups.setdefault((os.path.dirname(path), kind), []).append(path)
    yield from groups.values()

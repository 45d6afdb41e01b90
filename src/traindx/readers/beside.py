"""What lies beside a log and belongs to its run: settings files and checkpoints."""

from __future__ import annotations

import os
from collections.abc import Iterable

from traindx.readers.folders import checkpoints_of, settings_of
from traindx.readers.mlflow_folder import parameter
from traindx.readers.settings_files import MAX_BYTES, settings_from_file
from traindx.readers.walk import Folder
from traindx.run import Checkpoint, Setting

_MAX_FILES = 2_000  # a directory with more is no run's own
_READ_BELOW = (".hydra", "files", "checkpoints", "checkpoint", "ckpts", "weights")


def settings_in(paths: Iterable[str], home: str) -> tuple[Setting, ...]:
    """Return the settings in files found beside a log; a file that cannot be read gives none.

    ``home`` is the run's folder: in MLflow's store the names of parameters are paths below it.
    """
    found: list[Setting] = []
    for path in paths:
        data = _small_file(path)
        one = parameter(path, home, data)
        found += [one] if one is not None else settings_from_file(path, data) if "." in os.path.basename(path) else []
    return tuple(found)


def beside(path: str) -> tuple[tuple[Setting, ...], tuple[Checkpoint, ...]]:
    """Return the settings and checkpoints that lie in the directory of one log file."""
    home = os.path.dirname(path) or "."
    folder = shallow(home, depth=1)
    return settings_in(settings_of(folder), home), tuple(checkpoints_of(folder))


def _small_file(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError:
        return b""


def shallow(path: str, depth: int) -> Folder:
    """List one directory, and below it only where settings and checkpoints are kept."""
    folder = Folder(path)
    try:
        with os.scandir(path) as listing:
            for entry, _ in zip(listing, range(_MAX_FILES), strict=False):
                if not entry.is_dir(follow_symlinks=False):
                    folder.files[entry.name] = 0
                else:
                    known = depth and entry.name.lower() in _READ_BELOW
                    folder.folders[entry.name] = shallow(entry.path, 0) if known else Folder(entry.path)
    except OSError:
        return Folder(path)
    folder.files = dict(sorted(folder.files.items()))
    return folder

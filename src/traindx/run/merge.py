"""Joining what several files say of one run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from traindx.run.precision import print_error
from traindx.run.run import Run
from traindx.run.series import Floats, Series

_ENOUGH = 0.5  # of the shorter series' steps must be in both before their values can be called the same
_COARSEST = 0.05  # of the range of the values, as rounding


def join_runs(name: str, parts: Sequence[Run]) -> Run:
    """Join the readings of several files of one run, in the order given.

    A series that a later file continues is concatenated. Where two files log one name over the same steps, equal
    values are kept once (the longer series), and different ones are kept apart: the second series is named
    ``name [file]``, and keeps ``logged_as``. Equal means equal as printed: a log that rounds to three digits
    agrees with one that does not.
    """
    if len(parts) == 1:
        return replace(parts[0], name=name)
    series: dict[str, Series] = {}
    offset = 0
    for part in parts:
        for one in part.series.values():
            _add(series, _shift(one, offset), part, offset)
        offset += len(part.sources)
    return Run(
        name=name,
        series=series,
        sources=tuple(s for part in parts for s in part.sources),
        settings=tuple(s for part in parts for s in part.settings),
        checkpoints=tuple({c.path: c for part in parts for c in part.checkpoints}.values()),
        words="\n".join(part.words for part in parts if part.words)[:2_000],
        notes=tuple(dict.fromkeys(n for part in parts for n in part.notes)),
    )


def _shift(series: Series, offset: int) -> Series:
    return replace(series, files=series.files + np.int32(offset)) if offset else series


def _add(known: dict[str, Series], new: Series, part: Run, offset: int) -> None:
    old = known.get(new.name)
    if old is None or not len(old):
        known[new.name] = new
    elif not len(new):
        return
    elif _continues(old, new):
        known[new.name] = _concatenated(old, new)
    elif _same_numbers(old, new):
        known[new.name] = old if len(old) >= len(new) else new
    else:
        label = _unused(f"{new.name} [{_file_of(new, part, offset)}]", known)
        known[label] = replace(new, name=label, logged_as=new.logged_as)


def _file_of(series: Series, part: Run, offset: int) -> str:
    """Return the name of the file, as short as tells it apart from the run's other files."""
    if not part.sources:
        return str(offset + 1)
    return part.sources[int(series.files[0]) - offset].path.replace("\\", "/").rsplit("/", 1)[-1]


def _unused(label: str, known: dict[str, Series]) -> str:
    count = 2
    unique = label
    while unique in known:
        unique = f"{label[:-1]} {count}]"
        count += 1
    return unique


def _continues(old: Series, new: Series) -> bool:
    """Whether ``new`` begins where ``old`` ended: at a later step, or at the same one of a later epoch."""
    if old.statistic != new.statistic or not (old.has_steps and new.has_steps):
        return False
    known = old.steps[np.isfinite(old.steps)]
    return not len(known) or bool(new.steps[0] > known.max())


def _same_numbers(old: Series, new: Series) -> bool:
    """Whether the steps that both have carry the same values, to the precision of the coarser print."""
    if old.statistic != new.statistic:
        return False
    if len(old) == len(new) and _agree(old.values, new.values):
        return True  # also where one counts steps and the other epochs
    if not (old.has_steps and new.has_steps):
        shorter = min(len(old), len(new))
        return abs(len(old) - len(new)) <= 1 and _agree(old.values[:shorter], new.values[:shorter])
    _, first, second = np.intersect1d(old.steps, new.steps, return_indices=True)
    if len(first) < _ENOUGH * min(len(old), len(new)):
        return False
    return _agree(old.values[first], new.values[second])


def _agree(first: Floats, second: Floats) -> bool:
    both = np.concatenate([first[np.isfinite(first)], second[np.isfinite(second)]])
    spread = float(np.ptp(both)) if len(both) else 0.0
    # A print so coarse that it hides the curve itself proves nothing: whole numbers agree with anything near them.
    allowed = print_error(first) + print_error(second)
    allowed = np.minimum(allowed, np.maximum(_COARSEST * spread, 1e-7 * np.abs(np.nan_to_num(first))))
    with np.errstate(invalid="ignore"):
        close = np.abs(first - second) <= allowed
    same = close | (first == second) | (np.isnan(first) & np.isnan(second))
    return bool(same.all())


def _concatenated(old: Series, new: Series) -> Series:
    return replace(
        old,
        values=np.concatenate([old.values, new.values]),
        steps=np.concatenate([old.steps, new.steps]),
        epochs=np.concatenate([old.epochs, new.epochs]),
        wall_times=np.concatenate([old.wall_times, new.wall_times]),
        records=np.concatenate([old.records, new.records]),
        files=np.concatenate([old.files, new.files]),
    )

"""Joining what several files say of one run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from traindx.run.run import Run
from traindx.run.series import Series


def join_runs(name: str, parts: Sequence[Run]) -> Run:
    """Join the readings of several files of one run, in the order given.

    A series that a later file continues is concatenated. Where two files log one name over the same steps, equal
    values are kept once (the longer series), and different ones are kept apart: the second series is named
    ``name [file]``, and keeps ``logged_as``.
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
        checkpoints=tuple(dict.fromkeys(c for part in parts for c in part.checkpoints)),
        notes=tuple(n for part in parts for n in part.notes),
    )


def _shift(series: Series, offset: int) -> Series:
    return replace(series, files=series.files + np.int32(offset)) if offset else series


def _add(known: dict[str, Series], new: Series, part: Run, offset: int) -> None:
    old = known.get(new.name)
    if old is None:
        known[new.name] = new
    elif _continues(old, new):
        known[new.name] = _concatenated(old, new)
    elif _same_numbers(old, new):
        known[new.name] = old if len(old) >= len(new) else replace(new, name=old.name)
    else:
        path = part.sources[int(new.files[0]) - offset].path if len(new) and part.sources else str(offset)
        label = _unused(f"{new.name} [{path.rsplit('/', 1)[-1]}]", known)
        known[label] = replace(new, name=label, logged_as=new.logged_as)


def _unused(label: str, known: dict[str, Series]) -> str:
    count = 2
    unique = label
    while unique in known:
        unique = f"{label} ({count})"
        count += 1
    return unique


def _continues(old: Series, new: Series) -> bool:
    if not len(old) or not len(new):
        return True
    if not (old.has_steps and new.has_steps):
        return False
    return bool(new.steps[0] >= np.nanmax(old.steps)) and old.statistic == new.statistic


def _same_numbers(old: Series, new: Series) -> bool:
    """Whether the steps both have carry the same values, to the precision of the coarser print (1e-3)."""
    if not (old.has_steps and new.has_steps):
        return len(old) == len(new) and bool(np.allclose(old.values, new.values, rtol=1e-3, atol=1e-8, equal_nan=True))
    _, first, second = np.intersect1d(old.steps, new.steps, return_indices=True)
    if len(first) < 0.5 * min(len(old), len(new)):
        return False
    return bool(np.allclose(old.values[first], new.values[second], rtol=1e-3, atol=1e-8, equal_nan=True))


def _concatenated(old: Series, new: Series) -> Series:
    def both(field: str) -> np.ndarray:
        return np.concatenate([getattr(old, field), getattr(new, field)])

    return replace(
        old,
        values=both("values"),
        steps=both("steps"),
        epochs=both("epochs"),
        wall_times=both("wall_times"),
        records=both("records"),
        files=both("files"),
    )

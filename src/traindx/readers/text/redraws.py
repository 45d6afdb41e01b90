"""Progress bars that are drawn again and again: only the last frame of each round says how it ended."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from traindx.readers.text.lines import Lines
from traindx.readers.text.shape import Field
from traindx.readers.text.templates import Batch

_NEIGHBOURS = 2  # a carriage return and a line break may leave an empty line between two frames


def without_redraws(lines: Lines, batches: Sequence[Batch]) -> list[Batch]:
    """Leave out all but the last frame of a bar, whose numbers are means over the round so far.

    A round ends where the bar starts again or the next epoch is announced.
    """
    batches = _once_per_step(batches, len(lines))
    frames = [(batch, field) for batch in batches if batch.shape.redraws and (field := _progress(batch)) is not None]
    if not frames:
        return list(batches)
    at = np.concatenate([batch.lines for batch, _ in frames])
    done = np.concatenate([batch.columns[field.column] for batch, field in frames])
    order = np.argsort(at, kind="stable")
    at, done = at[order], done[order]
    kept = np.zeros(len(lines), dtype=bool)
    kept[at[_last_of_round(lines, at, done, _announced(batches))]] = True
    shown = {id(batch) for batch, _ in frames}
    return [part for batch in batches for part in (_kept(batch, kept) if id(batch) in shown else [batch])]


def _once_per_step(batches: Sequence[Batch], size: int) -> list[Batch]:
    """Keep the last of neighbouring frames of a bar at one step: tqdm draws it when numbers are set, and when it moves on."""
    bars = [(b, f) for b in batches if not b.shape.redraws and b.shape.metrics and (f := _progress(b)) is not None]
    bars = [(batch, field) for batch, field in bars if field.role == "progress"]
    if not bars:
        return list(batches)
    forms = {form: index for index, form in enumerate(dict.fromkeys(_form(batch) for batch, _ in bars))}
    at = np.concatenate([batch.lines for batch, _ in bars])
    done = np.concatenate([batch.columns[field.column] for batch, field in bars])
    whole = np.concatenate([batch.columns[field.over] for batch, field in bars])
    form = np.concatenate([np.full(len(batch.lines), forms[_form(batch)]) for batch, _ in bars])
    order = np.argsort(at, kind="stable")
    at, done, form, whole = at[order], done[order], form[order], whole[order]
    going_on = (np.diff(done) == 0) & (np.diff(whole) == 0) & (done < whole)[1:]  # full bars may be one of each epoch
    drawn_again = going_on & (np.diff(form) == 0) & (np.diff(at) <= _NEIGHBOURS)
    kept = np.zeros(size, dtype=bool)
    kept[at[np.concatenate([~drawn_again, [True]])]] = True
    shown = {id(batch) for batch, _ in bars}
    return [part for batch in batches for part in (_kept(batch, kept) if id(batch) in shown else [batch])]


def _form(batch: Batch) -> tuple[str, ...]:
    return tuple(field.full_name for field in batch.shape.fields)


def _progress(batch: Batch) -> Field | None:
    return next((field for field in batch.shape.fields if field.role != "metric" and field.over >= 0), None)


def _announced(batches: Sequence[Batch]) -> NDArray[np.int64]:
    """The lines that announce an epoch above the bars."""
    found = [b.lines for b in batches if not b.shape.redraws and any(f.role == "epoch" for f in b.shape.fields)]
    return np.sort(np.concatenate(found)) if found else np.zeros(0, dtype=np.int64)


def _last_of_round(
    lines: Lines, at: NDArray[np.int64], done: NDArray[np.float64], epochs: NDArray[np.int64]
) -> NDArray[np.bool_]:
    falls = np.diff(done) < 0
    again = (np.diff(done) == 0) & (np.diff(lines.records[at]) > 0) & (len(epochs) == 0)
    passed = np.diff(np.searchsorted(epochs, at)) > 0
    return np.concatenate([falls | again | passed, [True]])


def _kept(batch: Batch, kept: NDArray[np.bool_]) -> list[Batch]:
    which = kept[batch.lines]
    if not which.any():
        return []
    return [Batch(batch.shape, batch.lines[which], {column: one[which] for column, one in batch.columns.items()})]

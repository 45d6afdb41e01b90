"""Evaluations that print the same lines as training, and are told only by a heading and by another number of batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from traindx.readers.text.shape import Field
from traindx.readers.text.templates import Batch
from traindx.readers.text.timeline import forward
from traindx.run import Floats

_CODES: Final[dict[str, float]] = {"": 0.0, "train": 0.0, "val": 1.0, "test": 2.0}
_EVALUATED: Final[tuple[tuple[Literal["val", "test"], float], ...]] = (("val", 1.0), ("test", 2.0))


def evaluations_apart(values: Sequence[Batch], batches: Sequence[Batch], size: int) -> list[Batch]:
    """Return ``values`` with lines such as ``step 88/88`` under ``Eval begin`` apart from ``step 614/614`` of training.

    ``batches`` are those of all ``size`` lines, headings among them. Of an evaluation that counts to its end only the
    last line is kept: what stands before it are means of its first batches.
    """
    told = _announced(batches, size)
    if not (told > 0).any():
        return list(values)
    trained = [_totals(batch)[told[batch.lines] == 0] for batch in values if _counter(batch) is not None]
    known = np.unique(np.concatenate(trained)) if trained else np.zeros(0)
    return [part for batch in values for part in _parts(batch, told, known)] if len(known) else list(values)


def _announced(batches: Sequence[Batch], size: int) -> Floats:
    """The split that the heading above each line announces: 0 training, 1 validation, 2 test."""
    told = np.full(size, np.nan)
    for batch in batches:
        shape = batch.shape
        epoch_alone = bool(shape.fields) and not shape.metrics and any(f.role == "epoch" for f in shape.fields)
        if epoch_alone or (shape.heading and shape.split is not None):
            told[batch.lines] = _CODES.get(shape.split or "", 0.0)
    return np.nan_to_num(forward(told))


def _counter(batch: Batch) -> Field | None:
    """The counter of batches in the lines of a batch, where it tells its end and no split is told."""
    if batch.shape.split is not None or not batch.shape.metrics:
        return None
    return next((f for f in batch.shape.fields if f.role in ("step", "inner") and f.over >= 0 and not f.split), None)


def _totals(batch: Batch) -> Floats:
    field = _counter(batch)
    return batch.columns[field.over] if field is not None else np.zeros(len(batch.lines))


def _parts(batch: Batch, told: Floats, trained: Floats) -> Iterator[Batch]:
    field = _counter(batch)
    if field is None:
        yield batch
        return
    totals, at = batch.columns[field.over], told[batch.lines]
    apart = (at > 0) & ~np.isin(totals, trained)
    if not apart.all():
        yield _taken(batch, ~apart)
    for split, code in _EVALUATED:
        own = apart & (at == code)
        ends = own & (batch.columns[field.column] == totals)
        if own.any():
            fields = tuple(replace(f, split=split) if f.role == "metric" else f for f in batch.shape.fields)
            taken = _taken(batch, ends if ends.any() else own)
            yield replace(taken, shape=replace(batch.shape, split=split, fields=fields))


def _taken(batch: Batch, which: NDArray[np.bool_]) -> Batch:
    if which.all():
        return batch
    return Batch(batch.shape, batch.lines[which], {column: values[which] for column, values in batch.columns.items()})

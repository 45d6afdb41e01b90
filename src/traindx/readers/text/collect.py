"""From lines to points: every value with the step, the epoch and the split that the text around it tells."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import final

import numpy as np
from numpy.typing import NDArray

from traindx.readers.text.clocks import times_of
from traindx.readers.text.evaluations import evaluations_apart
from traindx.readers.text.head import begin_of_training, is_grid_of_options, without_head
from traindx.readers.text.lines import Lines
from traindx.readers.text.names import is_metric, says_split
from traindx.readers.text.points import Points
from traindx.readers.text.redraws import without_redraws
from traindx.readers.text.shape import Field
from traindx.readers.text.tables import Row, box_rows, table_rows
from traindx.readers.text.templates import Batch
from traindx.readers.text.timeline import Counters, Timeline, counters_of, forward, own_steps, timeline_of
from traindx.run import Floats

_ASSIGNMENT = re.compile(rb"\s*[A-Za-z_]\w*\s*=\s*[-+\w.(), ]+,?\s*(?:#.*)?")
_AVERAGES = re.compile(rb"(?:^|[^\w])Averaged stats: ")
_MOST_RANKS = 1e6  # what is larger is no rank
_CODES = {"": 0.0, "val": 1.0, "test": 2.0}
_NAMES = {1.0: "val", 2.0: "test"}


@final
@dataclass(frozen=True, slots=True)
class Found:
    """The points that the lines tell, in the order in which their names first appear, and where training begins."""

    points: list[Points]
    begin: int


def points_of(lines: Lines, batches: Sequence[Batch], headings: NDArray[np.int64]) -> Found:
    """Return what the lines tell; what stands before training and only repeats the configuration gives no points."""
    boxes = list(box_rows(lines))
    boxed = np.zeros(len(lines), dtype=bool)
    for span, _ in boxes:
        boxed[span.start : span.stop] = True
    values = evaluations_apart(_values_of(lines, batches, boxed), batches, len(lines))
    cells = np.sort(
        np.concatenate([b.lines for b in batches if b.shape.kind == "cells"] or [np.zeros(0, dtype=np.int64)])
    )
    rows = [row for _, row in boxes] + list(table_rows(lines, cells[~boxed[cells]].tolist() if len(cells) else []))
    begin = begin_of_training(values, rows)
    rows = [row for row in rows if not is_grid_of_options(row, begin)]
    values = without_redraws(lines, without_head(values, begin))
    counters = [counters_of(batch) for batch in values]
    timeline = timeline_of(len(lines), values, counters, headings)
    _add_rows(timeline, rows, len(lines), headings)
    splits = _split_in_force(lines, batches)
    found = [
        points
        for batch, own in zip(values, counters, strict=True)
        for points in _batch_points(batch, own, timeline, splits)
    ]
    found += _row_points(rows, timeline)
    return Found(sorted(found, key=lambda points: int(points.lines[0])), begin)


def _values_of(lines: Lines, batches: Sequence[Batch], boxed: NDArray[np.bool_]) -> list[Batch]:
    """The batches that hold named values, outside of boxes and of what a program assigns."""
    program = sum(len(b.lines) for b in batches if b.shape.kind == "noise") >= 3
    named = [b for b in batches if b.shape.kind == "values" and not (program and _assigns(lines, b))]
    return [kept for batch in named for kept in _outside(batch, boxed)]


def _assigns(lines: Lines, batch: Batch) -> bool:
    """Whether the batch is one line of a program or a configuration, ``val_loss = 0.0``."""
    return len(batch.lines) == 1 and _ASSIGNMENT.fullmatch(lines.raw(int(batch.lines[0]))) is not None


def _outside(batch: Batch, boxed: NDArray[np.bool_]) -> Iterator[Batch]:
    inside = boxed[batch.lines]
    if not inside.any():
        yield batch
    elif not inside.all():
        columns = {column: values[~inside] for column, values in batch.columns.items()}
        yield Batch(batch.shape, batch.lines[~inside], columns)


def _add_rows(timeline: Timeline, rows: Sequence[Row], size: int, headings: NDArray[np.int64]) -> None:
    """Counters of tables and boxes hold for the lines below them, too."""
    if not any(row.step == row.step or row.epoch == row.epoch for row in rows):
        return
    for array, name in ((timeline.steps, "step"), (timeline.epochs, "epoch")):
        told = np.full(size, np.nan)
        changes = np.flatnonzero(np.concatenate([[True], array[1:] != array[:-1]]))
        told[changes] = array[changes]
        for row in rows:
            if getattr(row, name) == getattr(row, name):
                told[row.line] = getattr(row, name)
        array[:] = forward(told, headings)


def _split_in_force(lines: Lines, batches: Sequence[Batch]) -> Floats:
    """The split that a heading announces holds until the next heading or the next line with a counter of its own.

    A line of averages belongs to the split of the lines that it sums up.
    """
    told, counting = np.full(len(lines), np.nan), np.full(len(lines), np.nan)
    for batch in batches:
        shape = batch.shape
        counted = any(field.role != "metric" for field in shape.fields)
        if counted and shape.metrics:
            told[batch.lines] = 0.0
            counting[batch.lines] = _CODES[shape.split or ""]
        elif counted:
            told[batch.lines] = _CODES[shape.split or ""]
        elif shape.split is not None and shape.heading:
            told[batch.lines] = _CODES[shape.split]
    splits = forward(told)
    averages = [b.lines for b in batches if b.shape.metrics and _AVERAGES.search(lines.raw(int(b.lines[0])), 0, 200)]
    if averages:
        at = np.concatenate(averages)
        splits[at] = np.fmax(splits[at], forward(counting)[at])
    return splits


def _batch_points(batch: Batch, own: Counters, timeline: Timeline, splits: Floats) -> Iterator[Points]:
    metrics = batch.shape.metrics
    if not metrics:
        return
    steps, by_epoch = _steps(batch, own, timeline)
    if batch.shape.final:
        steps = np.full(len(batch.lines), np.nan)
    epochs = own.epoch if own.epoch is not None else timeline.epochs[batch.lines]
    times = times_of(batch)
    counted = any(field.role != "metric" for field in batch.shape.fields)
    signature = tuple(field.full_name for field in metrics)
    ranks = _ranks(batch)
    for field in metrics:
        points = Points(
            name=field.full_name, lines=batch.lines, values=_value(batch, field), steps=steps, epochs=epochs, times=times,
            sure=field.sure, anchored=counted, signature=signature, tag=batch.shape.tag, percent=field.percent,
            statistic=field.statistic, by_epoch=by_epoch,
        )  # fmt: skip
        for rank, ranked in _by_rank(points, ranks):
            yield from _by_heading(
                replace(ranked, rank=rank), field, splits, counted=counted or batch.shape.split is not None
            )


def _value(batch: Batch, field: Field) -> Floats:
    values = batch.columns[field.column]
    if field.over >= 0:
        whole = batch.columns[field.over]
        return values / np.where(whole == 0, np.nan, whole)
    return values if field.scale == 1.0 else values * field.scale


def _ranks(batch: Batch) -> Floats | int:
    if batch.shape.rank_column >= 0:
        told = batch.columns[batch.shape.rank_column]
        return np.where((told >= 0) & (told < _MOST_RANKS), told, 0.0)
    return max(0, batch.shape.rank)


def _by_rank(points: Points, ranks: Floats | int) -> Iterator[tuple[int, Points]]:
    if isinstance(ranks, int):
        yield ranks, points
        return
    for rank in np.unique(ranks)[:1024]:
        yield int(rank), points.take(ranks == rank)


def _by_heading(points: Points, field: Field, splits: Floats, *, counted: bool) -> Iterator[Points]:
    """Lines without split of their own take the one of the heading that they stand under."""
    at = splits[points.lines]
    if counted or says_split(field.name) or not (at > 0).any():
        yield points
        return
    for code, name in _NAMES.items():
        if (at == code).any():
            yield points.renamed(f"{name}/{field.name}", at == code)
    if not (at > 0).all():
        yield points.take(~(at > 0))


def _steps(batch: Batch, own: Counters, timeline: Timeline) -> tuple[Floats, bool]:
    """Steps of the batch's lines, and whether they are epochs."""
    found = own_steps(batch, own, timeline.epochs, timeline.first_epoch, timeline.epoch_length)
    if found is not None:
        return found, False
    above = timeline.steps[batch.lines]
    epochs = own.epoch if own.epoch is not None else timeline.epochs[batch.lines]
    if _tells_more(above, epochs):
        return _from_start(above), False
    return epochs, bool(np.isfinite(epochs).any())


def _from_start(steps: Floats) -> Floats:
    """Lines before the first counter belong to step 0 where counting begins soon after, else to the first step told."""
    missing = np.isnan(steps)
    if not missing.any():
        return steps
    known = np.unique(steps[~missing])
    gap = float(np.median(np.diff(known))) if len(known) > 1 else 0.0
    return np.where(missing, 0.0 if known[0] <= 1.5 * gap else known[0], steps)


def _tells_more(steps: Floats, epochs: Floats) -> bool:
    known = np.isfinite(steps)
    if known.mean() < 0.5:
        return False
    return len(np.unique(steps[known])) >= len(np.unique(epochs[np.isfinite(epochs)]))


def _row_points(rows: Sequence[Row], timeline: Timeline) -> Iterator[Points]:
    names: dict[str, list[Row]] = {}
    for row in rows:
        for name in row.values:
            names.setdefault(name, []).append(row)
    together = tuple(dict.fromkeys(name for row in rows if row.position >= 0 for name in row.values))
    for name, own in names.items():
        lines = np.array([row.line for row in own], dtype=np.int64)
        steps = np.array([row.step for row in own])
        epochs = np.array([row.epoch for row in own])
        placed = any(row.position >= 0 for row in own)
        if np.isnan(steps).all() and np.isnan(epochs).all() and not placed:
            steps, epochs = timeline.steps[lines], timeline.epochs[lines]
        by_epoch = bool(np.isnan(steps).all())
        yield Points(
            name=name, lines=lines, values=np.array([row.values[name] for row in own]), steps=epochs if by_epoch else steps,
            epochs=epochs, times=np.full(len(own), np.nan), sure=is_metric(name), anchored=placed or len(own) > 2 or bool(np.isfinite(epochs).any()) or not by_epoch,
            signature=together if placed else tuple(own[0].values), tag="", percent=any(name in row.percent for row in own), by_epoch=by_epoch,
        )  # fmt: skip

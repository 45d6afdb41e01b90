"""Measuring two splits beside each other: what they share, what each repeats, and how they differ."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace

from traindx.arrays import ArraySource
from traindx.dataset.drift import Drift, drift_between
from traindx.dataset.overlap.coarseness import coincidences
from traindx.dataset.overlap.columns import TEXT_NAME, Pair, Paired, Split, is_classes, paired
from traindx.dataset.overlap.content import alike, content
from traindx.dataset.overlap.exact import equality
from traindx.dataset.overlap.matching import BUDGET_BYTES
from traindx.dataset.overlap.near_embedding import near_embeddings
from traindx.dataset.overlap.near_image import is_images, near_images
from traindx.dataset.overlap.near_text import near_texts
from traindx.dataset.overlap.overlap import Equality, Nearness, Overlap
from traindx.dataset.overlap.sharing import shared_groups
from traindx.dataset.overlap.targets import target_leaks
from traindx.errors import MissingExtraError


def compare_splits(
    train: Split,
    other: Split,
    *,
    group: str = "",
    text: str = "",
    label: str = "",
    batch_size: int = 0,
    threads: int | None = None,
    budget_bytes: int = BUDGET_BYTES,
) -> Overlap:
    """Return what was measured of a training split beside another one: equal and nearly equal rows, shared groups, leaks of the label, drift.

    Splits are paths (``data.npz``, ``data.h5::train``), sources or sequences of them. ``group``, ``text`` and ``label`` name columns; a column called
    ``label`` or ``target`` is taken for the label, and columns that number the rows are left out of what makes rows equal. ``batch_size`` is that of a contrastive training. Memory stays about ``budget_bytes``. Raises
    ``UnreadableDataError`` for files that cannot be read and ``UsageError`` where the splits have nothing in common.
    """
    columns = paired(train, other, group=group, text=text, label=label)
    workers = threads or os.cpu_count() or 1
    limits = list(columns.limits)
    near = tuple(_near(columns, workers, budget_bytes, limits))
    drift = _drift(columns)
    bare = columns.label is not None and columns.label in columns.content
    if bare:
        limits.append("equal rows were not looked for: the splits have nothing in common but the label")
    return Overlap(
        train=columns.train,
        sizes=(len(columns.content[0][0]), len(columns.content[0][1])),
        other=columns.other,
        rows=None
        if bare
        else _equal(
            columns.content, "whole rows" if len(columns.content) > 1 else "", workers, budget_bytes, columns.label
        ),
        items=tuple(
            replace(_equal((pair,), pair[0].name, workers, budget_bytes), contrasted=pair in contrasted(columns))
            for pair in items_of(columns)
        ),
        near=near,
        groups=shared_groups(*columns.group, threads=workers, budget_bytes=budget_bytes) if columns.group else None,
        targets=target_leaks([a for a, _ in columns.content], columns.label[0]) if columns.label and not bare else (),
        drift=drift,
        batch_size=batch_size,
        columns_left_out=columns.numbering,
        limits=(*limits, *drift.limits),
    )


def _equal(pairs: tuple[Pair, ...], what: str, threads: int, budget_bytes: int, label: Pair | None = None) -> Equality:
    named = label[0] if label is not None and label not in pairs and is_classes(label[0]) else None
    return equal_rows(
        [a for a, _ in pairs], [b for _, b in pairs], what=what, threads=threads, budget_bytes=budget_bytes, label=named
    )


def equal_rows(
    train: Sequence[ArraySource],
    other: Sequence[ArraySource] | None,
    *,
    what: str,
    threads: int,
    budget_bytes: int,
    label: ArraySource | None = None,
) -> Equality:
    """Return which rows are equal in these columns, within a split and between two, and how many are by coincidence.

    ``label`` is the column of the training split whose values should agree where rows do.
    """
    mine, theirs = alike(train, other) if other is not None else (content(train), None)
    found = equality(
        mine,
        theirs,
        what=what or _title(train[0]),
        threads=threads,
        budget_bytes=budget_bytes,
        label=content(label) if label is not None else None,
    )
    return replace(found, coincidences=coincidences(mine)) if found.train_copies or found.other_copies else found


def _title(source: ArraySource) -> str:
    return f"rows of {source.name}" if source.name else "rows"


def items_of(columns: Paired) -> list[Pair]:
    """Return the columns that may repeat where rows do not: texts, images, and arrays of many numbers."""
    if len(columns.content) < 2:
        return []
    return [pair for pair in columns.content if pair[0].kind != "number" or pair[0].row_bytes >= _ITEM_BYTES]


_ITEM_BYTES = 64
"""A row of 64 bytes or more rarely repeats by coincidence; of a flag or a count every value does."""


def contrasted(columns: Paired) -> list[Pair]:
    """Return the columns that pairs are made of: texts to be read, images and embeddings where there are two of them, or captions."""
    found = [pair for pair in columns.content if _is_item(pair[0])]
    captions = any(pair[0].kind == "text" and "caption" in pair[0].name.lower() for pair in found)
    return found if len(found) > 1 or captions else []


def _is_item(source: ArraySource) -> bool:
    if source.kind == "text":
        return TEXT_NAME.fullmatch(source.name) is not None
    return is_images(source) or _is_vectors(source)


def _near(columns: Paired, threads: int, budget_bytes: int, limits: list[str]) -> Iterator[Nearness]:
    """Yield what nearly equals a training row: texts, images, and vectors of at least 64 numbers."""
    for train, other in columns.content:
        if not len(train) or not len(other):
            continue
        if (train, other) in columns.text:
            found, left_out = near_texts(train, other, threads=threads, budget_bytes=budget_bytes)
        elif is_images(train) and is_images(other):
            try:
                found, left_out = near_images(train, other, budget_bytes=budget_bytes)
            except MissingExtraError as error:
                limits.append(f"near duplicates of {train.name or 'images'} were not looked for: {error}")
                continue
        elif _is_vectors(train) and _is_vectors(other):
            found, left_out = near_embeddings(train, other)
        else:
            continue
        limits += left_out
        yield found


def _is_vectors(source: ArraySource) -> bool:
    return (
        source.kind == "number" and source.dtype.kind == "f" and len(source.shape) == 2 and source.shape[1] >= _VECTOR
    )


_VECTOR = 64
"""Fewer numbers are measurements rather than an embedding: with them a cosine of 0.98 is common."""


def _drift(columns: Paired) -> Drift:
    pairs = [*columns.content, *([columns.label] if columns.label and columns.label not in columns.content else [])]
    return drift_between(pairs, label=columns.label[0].name if columns.label else "", groups=columns.group)

"""Padding: what stands there is changed, and the loss must not notice."""

from __future__ import annotations

from typing import Final

import numpy as np

from traindx.probe.batch import Array, Batch, Leaf
from traindx.probe.bench import FAILURES, Bench
from traindx.probe.measured import Padding

_LEAST_RUN: Final = 2  # equal tokens at the end of a row that may be padding; shorter runs occur in text


def measure_padding(bench: Bench) -> Padding | None:
    """Change the contents of padded positions, and evaluate again. None where nothing looks like padding."""
    batch = bench.subject.batch
    changed = _changed(batch)
    if changed is None:
        return _shortened(bench)
    what, other, share, known = changed
    before = bench.subject.compute(batch, training=False, seed=bench.seed).total
    after = bench.subject.compute(other, training=False, seed=bench.seed).total
    return Padding(what=what, share=share, before=before, after=after, known=known)


def _shortened(bench: Bench) -> Padding | None:
    """Cut off columns that are padding in some rows, and evaluate these rows again. None where no mask tells such, or the length is fixed."""
    for mask in bench.subject.batch.of_role("mask"):
        cut = _cut(bench.subject.batch, mask)
        if cut is None:
            continue
        long, short, share = cut
        before = bench.subject.compute(long, training=False, seed=bench.seed).total
        try:
            after = bench.subject.compute(short, training=False, seed=bench.seed).total
        except FAILURES:  # positions of a fixed number
            return None
        return Padding(what="less of it in the inputs", share=share, before=before, after=after, known=True)
    return None


def _cut(batch: Batch, mask: Leaf) -> tuple[Batch, Batch, float] | None:
    """Return the rows with most padding, the same without the columns that are padding in all of them, and the share of padding."""
    shape = mask.values.shape
    padded: Array = mask.values == 0
    if len(shape) != 2 or shape[0] != batch.size or any(t.values.shape[:2] == shape for t in batch.of_role("target")):
        return None
    lengths: Array = padded.sum(axis=1)
    least = int(np.sort(lengths)[-max(len(lengths) // 4, 1)])
    from_right = np.logical_and.accumulate(padded[:, ::-1], axis=1)[:, ::-1]
    if not 0 < least < shape[1] or not bool(from_right[padded].all()):
        return None
    parts = [leaf for leaf in batch.of_role("input", "mask") if leaf.values.shape[:2] == shape]
    # What differs from place to place is no padding: the mask says something else.
    if not any(leaf.role == "input" for leaf in parts) or any(
        np.ptp(leaf.values[padded].astype(float), axis=0).any() for leaf in parts
    ):
        return None
    long = batch.rows(np.flatnonzero(lengths >= least))
    short = {leaf.path: long.leaf(leaf.path).values[:, : shape[1] - least] for leaf in parts}
    return long, long.with_values(short), float(padded.mean())


def _changed(batch: Batch) -> tuple[str, Batch, float, bool] | None:
    """Return what was changed, the changed batch, the share of padding, and whether a mask tells it."""
    for mask in batch.of_role("mask"):
        padded = mask.values == 0
        if mask.values.ndim != 2 or not padded.any() or padded.all() or not _ends(padded):
            continue
        targets = [leaf for leaf in batch.of_role("target") if leaf.values.shape[:2] == padded.shape]
        for leaf in targets:
            fresh = _other_values(leaf, padded)
            if fresh is not None:
                return (
                    f"other targets ({leaf.path}) in padding",
                    batch.with_values({leaf.path: fresh}),
                    float(padded.mean()),
                    True,
                )
        if not targets:
            found = _tokens(batch, padded)
            if found is not None and not batch.of_role("target"):
                return (
                    f"other inputs ({found[0]}) in padding",
                    batch.with_values({found[0]: found[1]}),
                    float(padded.mean()),
                    True,
                )
        return None
    return _by_values(batch)


def _ends(padded: Array) -> bool:
    """Whether padding is at one end of the rows, so that it is padding and no span that was masked."""
    from_right = np.logical_and.accumulate(padded[:, ::-1], axis=1)[:, ::-1]
    from_left = np.logical_and.accumulate(padded, axis=1)
    return bool((from_right | from_left)[padded].all())


def _other_values(leaf: Leaf, padded: Array) -> Array | None:
    values = leaf.values.copy()
    if leaf.whole:
        counted = padded & (values >= 0) if values.ndim == 2 else padded
        pool = np.unique(values[values >= 0])
        if not counted.any() or len(pool) < 2:
            return None
        # The next of the labels that occur: valid wherever the others are.
        places = np.searchsorted(pool, values[counted])
        values[counted] = pool[(places + 1) % len(pool)]
        return values
    if not leaf.real:
        return None
    values[padded] += 1.0 + float(np.nanstd(values))
    return values


def _tokens(batch: Batch, padded: Array) -> tuple[str, Array] | None:
    for leaf in batch.of_role("input"):
        if leaf.whole and leaf.values.shape == padded.shape:
            fresh = _other_values(leaf, padded)
            return None if fresh is None else (leaf.path, fresh)
    return None


def _by_values(batch: Batch) -> tuple[str, Batch, float, bool] | None:
    """Rows of tokens that end in runs of one and the same token, of different lengths."""
    if batch.of_role("target"):
        return None
    for leaf in batch.of_role("input"):
        if not leaf.whole or leaf.values.ndim != 2 or leaf.values.shape[1] < 2 * _LEAST_RUN:
            continue
        last = int(np.bincount(np.maximum(leaf.values[:, -1], 0)).argmax())
        run = np.logical_and.accumulate(leaf.values[:, ::-1] == last, axis=1)[:, ::-1]
        lengths = run.sum(axis=1)
        if (lengths >= _LEAST_RUN).sum() < 2 or len(set(lengths.tolist())) < 2 or (lengths == run.shape[1]).any():
            continue
        padded = run.copy()
        padded[np.arange(len(run)), run.shape[1] - np.maximum(lengths, 1)] = False  # the first may end the text
        fresh = _other_values(leaf, padded)
        if fresh is not None and padded.any():
            return (
                f"other inputs ({leaf.path}) in padding",
                batch.with_values({leaf.path: fresh}),
                float(padded.mean()),
                False,
            )
    return None

"""Which loss is it? The number that was computed is held against every loss that outputs and targets could give.

Two numbers that agree to five digits are no coincidence: what matches tells the family of the loss, how it is averaged, over which axis its softmax
runs, and how far tokens are shifted, without a look at the source.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from traindx.probe.batch import Array, Batch, Leaf
from traindx.probe.candidates import Candidate, of_classes, of_numbers, of_pairs
from traindx.probe.subject import Computed

# Losses are computed in float32: means of a million terms agree to six digits. Half precision is not recognised.
_SAME: Final = 1e-5


def recognise(value: float, computed: Computed, batch: Batch) -> Candidate | None:
    """Return the loss that ``value`` equals; of several the one without a flaw, None where there is none."""
    if not np.isfinite(value) or value == 0.0:
        return None
    flawed: Candidate | None = None
    for candidate in _candidates(computed, batch):
        for sign in (1.0, -1.0):
            expected = sign * candidate.value
            if not abs(value - expected) <= _SAME * abs(value):
                continue
            found = _signed(candidate, sign)
            if not found.flaw:
                return found
            flawed = flawed or found
    return flawed


def _signed(candidate: Candidate, sign: float) -> Candidate:
    negated = sign < 0 and candidate.value > 0
    return replace(candidate, value=sign * candidate.value, flaw="negated" if negated else candidate.flaw)


def _candidates(computed: Computed, batch: Batch) -> Iterator[Candidate]:
    targets = batch.of_role("target")
    inputs = [leaf for leaf in batch.of_role("input") if leaf.values.ndim > 1]
    masks = _masks(batch)
    for name, output in computed.outputs.items():
        z = np.asarray(output, np.float64)
        if not z.size or not np.isfinite(z).all():
            continue
        for leaf in (*targets, *inputs):
            if leaf.whole or leaf.values.dtype.kind == "b":
                yield from of_classes(name, z, leaf.values.astype(np.int64), masks)
            if leaf.role == "target" or leaf.real:
                yield from _numbers(name, z, leaf)
        yield from of_pairs(name, z)


def _numbers(name: str, z: Array, leaf: Leaf) -> Iterator[Candidate]:
    t = leaf.values.astype(np.float64)
    if np.isfinite(t).all():
        yield from of_numbers(name, z, t, leaf.path)


def _masks(batch: Batch) -> Sequence[Array]:
    return [leaf.values.astype(bool) for leaf in batch.of_role("mask")]


def classes_of(outputs: Mapping[str, Array], batch: Batch) -> int | None:
    """Return over how many classes the model chooses: the one axis that an output has more than the class labels."""
    for leaf in batch.of_role("target"):
        if not leaf.whole:
            continue
        shape = leaf.values.shape
        for output in outputs.values():
            if output.shape[:-1] == shape and output.shape[-1] > 1:
                return int(output.shape[-1])
            if output.ndim == len(shape) + 1 and output.shape[:1] + output.shape[2:] == shape and output.shape[1] > 1:
                return int(output.shape[1])
    return None

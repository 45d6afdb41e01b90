"""Experiments that need only a few passes: the batch doubled, training against evaluation, padding, half precision, layers."""

from __future__ import annotations

from typing import Final

import numpy as np

from traindx.probe.bench import FAILURES, Bench
from traindx.probe.measured import Doubling, Modes, Precision
from traindx.probe.subject import Computed, Half, Layer, Rates

_REPEATS: Final = 4  # evaluations with other random numbers: how much luck moves the loss


def measure_doubling(bench: Bench) -> Doubling | None:
    """Evaluate the batch, and the batch with every sample twice."""
    subject, batch = bench.subject, bench.subject.batch
    if batch.size < 2:
        return None
    values = [subject.compute(batch, training=False, seed=bench.seed + i).total for i in range(_REPEATS)]
    twice = [subject.compute(batch.doubled(), training=False, seed=bench.seed + i).total for i in range(_REPEATS)]
    return Doubling(
        once=float(np.mean(values)), twice=float(np.mean(twice)), noise=float(np.std(values) + np.std(twice))
    )


def measure_modes(bench: Bench) -> Modes:
    """Compare training with evaluation, evaluation with itself, and half of the batch with the whole."""
    subject, batch = bench.subject, bench.subject.batch
    training = subject.compute(batch, training=True, seed=bench.seed)
    whole = subject.compute(batch, training=False, seed=bench.seed)
    again = subject.compute(batch, training=False, seed=bench.seed)
    other = subject.compute(batch, training=False, seed=bench.seed + 1)
    still = again.total == other.total
    return Modes(
        training=training.total,
        evaluation=whole.total,
        repeated=again.total,
        reseeded=other.total,
        apart=_apart(bench, whole) if still and batch.size > 3 else None,
        borrowing=subject.borrowing(batch) or (),
    )


def _apart(bench: Bench, whole: Computed) -> float | None:
    """How far the outputs of every second sample move when the others are taken away, in units of their spread.

    The samples are taken in reverse: a recurrence along the batch carries only from the first to the last.
    """
    batch = bench.subject.batch
    kept = np.arange(batch.size)[1::2][::-1]
    part = bench.subject.compute(batch.rows(kept), training=False, seed=bench.seed)
    found: list[float] = []
    for name, output in whole.outputs.items():
        alone = part.outputs.get(name)
        if alone is not None and len(output) == batch.size and alone.shape == (len(kept), *output.shape[1:]):
            if output.shape == (batch.size, batch.size):
                continue  # scores of pairs: of other pairs in the half
            spread = float(output.std()) or float(np.abs(output).max()) or 1.0
            found.append(float(np.abs(output[kept] - alone).max()) / spread)
    return max(found, default=None)


def measure_precision(bench: Bench) -> tuple[Precision, ...] | None:
    """Differentiate once in each half-precision format, against the same in full precision."""
    subject, batch = bench.subject, bench.subject.batch
    full, slopes = subject.slopes(batch, seed=bench.seed)
    if not np.isfinite(full.total) or any(not slope.finite for slope in slopes):
        return None
    told = str(bench.told.facts.get("precision", "")).lower()
    kinds: tuple[tuple[Half, bool], ...] = (
        ("bfloat16", "bf16" in told or "bfloat16" in told),
        ("float16", "16" in told and "b" not in told),
    )
    found: list[Precision] = []
    for kind, meant in kinds:
        try:
            half, rough = subject.slopes(batch, seed=bench.seed, half=kind)
        except FAILURES:
            continue
        broken = tuple(slope.name for slope in rough if not slope.finite)
        found.append(Precision(kind=kind, full=full.total, half=half.total, broken=broken, told=meant))
    return tuple(found) or None


def measure_layers(bench: Bench) -> tuple[Layer, ...] | None:
    """Watch the layers for one pass."""
    return bench.subject.layers(bench.subject.batch)


def measure_rates(bench: Bench) -> Rates | None:
    """Look at the given optimiser."""
    return bench.subject.rates()

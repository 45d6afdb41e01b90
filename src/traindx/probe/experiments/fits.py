"""One batch learnt by heart, the same with nothing to see, the given optimiser's first steps, and a sweep over learning rates."""

from __future__ import annotations

from typing import Final

import numpy as np

from traindx.probe.batch import Array, Batch
from traindx.probe.bench import Bench
from traindx.probe.experiments.start import levels_of
from traindx.probe.measured import Blank, Fit, Movement, Sweep
from traindx.probe.recognised import recognise
from traindx.probe.subject import Descent
from traindx.probe.told import Levels

_RATES: Final = (1e-2, 1e-3, 1e-4)  # of Adam: one of them suits nearly every model
_TRIAL: Final = 12
_STEPS: Final = 200
_LEAST: Final = 30  # fewer steps tell nothing
_ENOUGH: Final = 0.02  # of the way from the floor to the trivial level: learnt by heart
_GIVEN: Final = 20
_WARMING: Final = 5  # steps after which a warm-up from 0 has moved something
_SWEPT: Final = 48
_LOWEST, _HIGHEST = 1e-7, 3.0


def measure_fit(bench: Bench) -> Fit:
    """Train on the one batch with the best of three learning rates; then look whether its pairs matter."""
    subject, batch = bench.subject, bench.subject.batch
    bench.need(_LEAST, 0.5)
    until = bench.part(0.45)
    trials: dict[float, float] = {}
    for rate in _RATES:
        subject.restore()
        trial = subject.descend([batch] * _TRIAL, rate=rate, until=until, seed=bench.seed)
        trials[rate] = end_of(trial) if not trial.halted and trial.losses else float("inf")
    rate = min(trials, key=lambda r: trials[r])
    levels = bench.measured.levels or Levels()
    subject.restore()
    descent = subject.descend([batch] * _STEPS, rate=rate, until=until, seed=bench.seed, enough=_enough(levels))
    after = subject.compute(batch, seed=bench.seed)
    again = recognise(after.total, after, batch)
    mismatched, different = mismatch(batch)
    return Fit(
        descent=descent,
        rate=rate,
        end=end_of(descent) if not descent.halted else float("nan"),
        evaluated=after.total,
        mismatched=None if mismatched is None else subject.compute(mismatched, seed=bench.seed).total,
        different=different,
        again=again,
        levels=levels_of(again, bench.told, batch) or levels,
        rushed=len(descent.losses) < _STEPS and not descent.losses[-1] <= _enough(levels),
    )


def _enough(levels: Levels) -> float:
    reference = levels.reference
    if reference is None or levels.floor is None:
        return float("-inf")
    return levels.floor + _ENOUGH * (reference[0] - levels.floor)


def end_of(descent: Descent) -> float:
    """Return where a descent ended: the median of its last five losses."""
    return float(np.median(descent.losses[-5:])) if descent.losses else float("nan")


def mismatch(batch: Batch) -> tuple[Batch | None, float]:
    """Return the batch with every sample given another one's target, and the share of samples for which that is a different one.

    Where there are no targets and the inputs are of two kinds or more, the first of them is exchanged against the others.
    """
    targets = [leaf for leaf in batch.of_role("target") if batch.has_rows(leaf)]
    inputs = [leaf for leaf in batch.of_role("input") if batch.has_rows(leaf)]
    if not targets and len(inputs) > 1:
        first = inputs[0].path.split("/")[0]
        targets = [leaf for leaf in inputs if leaf.path.split("/")[0] == first]
    if not targets or batch.size < 4 or len(targets) == len(batch.leaves):
        return None, 0.0
    order = _far_order(targets[0].values)
    changed = np.zeros(batch.size, bool)
    for leaf in targets:
        flat = leaf.values.reshape(batch.size, -1)
        changed |= (flat != flat[order]).any(axis=1)
    fresh = batch.with_values({leaf.path: leaf.values[order] for leaf in targets})
    return fresh, float(changed.mean())


def _far_order(values: Array) -> Array:
    """An exchange of rows in which, after sorting by value, each gets the row half a batch away."""
    rows = len(values)
    ranked = np.argsort(values.reshape(rows, -1).astype(np.float64).mean(axis=1), kind="stable")
    order = np.empty(rows, np.int64)
    order[ranked] = np.roll(ranked, rows // 2)
    return order


def one_a_sample(batch: Batch) -> bool:
    """Whether every sample has targets of its own and few of them: then nothing but the input tells samples apart."""
    targets = batch.of_role("target")
    return bool(targets) and all(
        batch.has_rows(leaf) and (leaf.values.ndim == 1 or (leaf.values.ndim == 2 and leaf.real)) for leaf in targets
    )


def measure_blank(bench: Bench) -> Blank | None:
    """Train on the batch with constant inputs: then knowing the targets' frequencies is all that can be learnt."""
    subject, fit = bench.subject, bench.measured.fit
    if fit is None or not subject.batch.of_role("target"):
        return None
    bench.need(_LEAST, 0.4)
    batch = blanked(subject.batch)
    steps = min(len(fit.descent.losses), 80)
    descent = subject.descend([batch] * steps, rate=fit.rate, until=bench.part(0.4), seed=bench.seed)
    return Blank(descent=descent, end=end_of(descent), single=one_a_sample(subject.batch))


def blanked(batch: Batch) -> Batch:
    """Return the batch with every input constant: zeros, the first token, a full mask."""
    fresh: dict[str, Array] = {}
    for leaf in batch.of_role("input", "mask"):
        if leaf.role == "mask":
            fresh[leaf.path] = np.ones_like(leaf.values)
        elif leaf.real:
            fresh[leaf.path] = np.zeros_like(leaf.values)
        elif leaf.values.size:
            fresh[leaf.path] = np.full_like(leaf.values, leaf.values.flat[0])
    return batch.with_values(fresh)


def measure_movement(bench: Bench) -> Movement | None:
    """Take the given optimiser's first steps: one to see what moves, then more to see where the loss goes."""
    subject, rates = bench.subject, bench.subject.rates()
    if rates is None:
        return None
    _, slopes = subject.slopes(subject.batch, seed=bench.seed)
    subject.restore()
    subject.step_as_given(subject.batch, steps=1, until=bench.until, seed=bench.seed)
    moved = subject.moved()
    if not any(one.share for one in moved):  # a schedule may begin at 0
        subject.restore()
        subject.step_as_given(subject.batch, steps=_WARMING, until=bench.until, seed=bench.seed)
        moved = subject.moved()
    subject.restore()
    steps = max(bench.steps(_GIVEN, 0.2), 2)
    descent = subject.step_as_given(subject.batch, steps=steps, until=bench.part(0.2), seed=bench.seed)
    return Movement(
        rates=rates, descent=descent, moved=moved, sloping=frozenset(s.name for s in slopes if s.norm and s.finite)
    )


def measure_sweep(bench: Bench) -> Sweep | None:
    """Raise the learning rate from step to step; the loss falls where it is large enough, and breaks where it is too large."""
    bench.need(_SWEPT, 0.6)
    rates = np.geomspace(_LOWEST, _HIGHEST, _SWEPT)
    descent = bench.subject.sweep(bench.subject.batch, rates.tolist(), until=bench.part(0.6), seed=bench.seed)
    losses = np.array([loss for loss in descent.losses if np.isfinite(loss)])
    if len(losses) < _SWEPT // 3:
        return None
    return _swept(rates[: len(losses)], losses, own=bench.subject.rates() is not None, halted=descent.halted)


def _swept(rates: Array, losses: Array, *, own: bool, halted: bool) -> Sweep | None:
    """Read the range: from where a tenth of the fall was made, to a third of where the loss was lowest.

    A loss is that before the step at its rate, so what a rate does shows one place later.
    """
    start = float(np.median(losses[:8]))
    lowest = int(losses.argmin())
    fall = start - float(losses[lowest])
    noise = float(np.std(losses[:8]))
    if not fall > max(4 * noise, 0.02 * abs(start)):
        return None
    low = int(np.argmax(losses < start - 0.1 * fall))
    beyond = np.flatnonzero((np.arange(len(losses)) > lowest) & (losses > start + fall))
    diverges = float(rates[beyond[0] - 1]) if beyond.size else float(rates[-1]) if halted else None
    return Sweep(
        rates=tuple(rates.tolist()),
        losses=tuple(losses.tolist()),
        low=float(rates[max(low - 1, 0)]),
        high=max(float(rates[max(lowest - 1, 0)]) / 3, float(rates[max(low - 1, 0)])),
        diverges=diverges,
        own=own,
    )

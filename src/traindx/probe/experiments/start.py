"""The loss of the very first step, and which loss it is."""

from __future__ import annotations

from traindx.probe.batch import Batch
from traindx.probe.bench import FAILURES, Bench
from traindx.probe.candidates import Candidate
from traindx.probe.measured import Start
from traindx.probe.recognised import classes_of, recognise
from traindx.probe.target_levels import levels_of_targets
from traindx.probe.told import Levels, Told, told_levels


def measure_start(bench: Bench) -> Start:
    """Compute the loss once, in training mode, and recognise it. A loss that fails is an answer too."""
    try:
        computed = bench.subject.compute(bench.subject.batch, seed=bench.seed)
    except FAILURES as error:
        classes = classes_of(bench.subject.seen_outputs, bench.subject.batch)
        return Start(
            classes=classes,
            failure=f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else ''}",
        )
    recognised = recognise(computed.total, computed, bench.subject.batch)
    classes = (recognised.classes if recognised else None) or classes_of(computed.outputs, bench.subject.batch)
    return Start(computed=computed, recognised=recognised, classes=classes)


def levels_of(recognised: Candidate | None, told: Told, batch: Batch) -> Levels | None:
    """Return what the loss is worth: by what it was recognised as, else by what was told, with the batch's own targets."""
    if recognised is not None and not recognised.flaw:
        return Levels(
            family=recognised.family,
            floor=max(recognised.floor, told_floor(told)),
            trivial=recognised.trivial,
            trivial_formula=recognised.trivial_formula,
            chance=recognised.chance,
            chance_formula=recognised.chance_formula,
            unit="nats" if recognised.family in ("cross_entropy", "bce", "info_nce") else "",
        )
    return levels_of_targets(told, batch, told_levels(told))


def told_floor(told: Told) -> float:
    """Return the floor that was told of, 0 where none was."""
    levels = told_levels(told)
    return levels.floor or 0.0 if levels is not None else 0.0

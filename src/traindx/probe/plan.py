"""Which experiments are made, in which order, and what became of each within the time that there is."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

from traindx.errors import UsageError, unknown_name
from traindx.probe.bench import FAILURES, Bench, OutOfTimeError
from traindx.probe.checks import PROBE_CHECKS, ProbeCheck
from traindx.probe.experiments import EXPERIMENTS, Experiment
from traindx.probe.experiments.start import levels_of, measure_start
from traindx.probe.measured import Field

# Always there: what is looked at before the first experiment.
_FIRST: Final[frozenset[Field]] = frozenset({"batch", "start", "levels"})
# An experiment that goes on from another one.
_AFTER: Final[dict[str, tuple[Field, ...]]] = {"blank": ("fit",)}
_PACED: Final = 0.1  # of the time that is left: where one step takes more, no second one is timed


class Chosen(NamedTuple):
    """The experiments to make, and the checks to ask."""

    experiments: tuple[Experiment, ...]
    checks: tuple[type[ProbeCheck], ...]


def choose(only: Sequence[str], without: Sequence[str]) -> Chosen:
    """Return what is made and asked. Names are those of experiments (``fit``) and codes or names of checks (``PRB050``).

    Raises UsageError for a name that is neither.
    """
    only, without = _listed(only), _listed(without)
    fields: set[str] = {e.field for e in EXPERIMENTS}
    named = {name: c for c in PROBE_CHECKS for name in (c.meta.code, c.meta.name)}
    for name in (*only, *without):
        if name not in fields and name not in named:
            raise unknown_name("experiment or check", name, [*fields, *named])
    left = {named[name] for name in without if name in named}
    gone = {name for name in without if name in fields}
    asked = [c for c in PROBE_CHECKS if c not in left]
    if only:
        kept = {f for f in fields if f in only}
        picked = {named[name] for name in only if name in named}
        whole = kept | _FIRST
        asked = [c for c in asked if c in picked or (kept and set(c.needs) <= whole and set(c.needs) & kept)]
        wanted: set[str] = kept | {need for c in picked for need in (*c.needs, *c.uses)}
        wanted |= {earlier for f in wanted for earlier in _AFTER.get(f, ())}
    else:
        wanted = fields
    made = tuple(e for e in EXPERIMENTS if e.field in wanted and e.field not in gone)
    return Chosen(made, tuple(asked))


def _listed(names: Sequence[str]) -> Sequence[str]:
    """A single name stands for a list of one: its letters are no names."""
    return (names,) if isinstance(names, str) else names


def carry_out(bench: Bench, experiments: Collection[Experiment]) -> tuple[str, ...]:
    """Make the experiments, restoring after each; return what was left out or failed, in words."""
    limits: list[str] = []
    first = _start(bench)
    if not first:
        return ()
    _set_pace(bench)
    late: list[str] = []
    for experiment in experiments:
        if time.monotonic() >= bench.until and not experiment.free:
            late.append(experiment.says)
            continue
        began = time.monotonic()
        try:
            setattr(bench.measured, experiment.field, experiment.measure(bench))
        except OutOfTimeError:
            late.append(experiment.says)
        except UsageError as error:  # of an optimiser that needs a closure, say: the others go on
            limits.append(f"{experiment.says}: {error.problem}")
        except FAILURES as error:
            told = str(error).strip().splitlines()
            limits.append(f"{experiment.says}: it failed with {type(error).__name__}: {told[0] if told else ''}")
        finally:
            bench.subject.restore()
        bench.measured.seconds[experiment.field] = time.monotonic() - began
    if late:
        limits.append(f"no time was left for: {', '.join(late)} (budget_s)")
    return tuple(limits)


def _start(bench: Bench) -> bool:
    """Compute the loss once, whatever else is asked; return whether there is anything to experiment on."""
    measured = bench.measured
    try:
        start = measure_start(bench)
    finally:
        bench.subject.restore()
    measured.start = start
    measured.levels = levels_of(start.recognised, bench.told, bench.subject.batch)
    return start.computed is not None and start.computed.total == start.computed.total


def _set_pace(bench: Bench) -> None:
    """Measure the time of one training step; of the second one where there is time, since the first may compile."""
    try:
        for _ in range(2):
            began = time.monotonic()
            bench.subject.descend([bench.subject.batch], rate=1e-4, until=bench.until, seed=bench.seed)
            bench.pace = time.monotonic() - began
            if bench.pace > _PACED * (bench.until - time.monotonic()):
                return
    except FAILURES:
        return
    finally:
        bench.subject.restore()

"""Which runs are made: every fault and every healthy kind of every program, with seeds, rates, lengths and forms in turn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from benchmarks.accuracy.plan import Plan
from benchmarks.accuracy.program import Program

VARIANTS = ((0, 1.0, 1.0), (1, 2.0, 0.6))
"""Seed, rate and length of the runs of each fault and each healthy kind."""
PLAIN = ((2, 0.5, 1.0), (3, 1.0, 2.0), (4, 1.5, 1.4), (5, 0.7, 0.4), (6, 1.0, 1.0))
"""More plain runs: they are what false alarms are counted on."""
MEANS = frozenset({"epoch-lines", "keras-csv", "tqdm"})  # forms that print means over an epoch
NEEDS_STEPS = frozenset({"mixed-streams", "resume-without-optimiser"})
SMALL = ("digits_mlp", "regression_mlp", "two_tower_topics")
SMALL_FAULTS = (
    "all-frozen",
    "clip-1e-4",
    "init-zero",
    "labels-shuffled",
    "missing-zero-grad",
    "mixed-streams",
    "nan-in-data",
    "overfitting",
    "rate-over-300",
    "rate-x1000",
    "rate-zero",
    "resume-without-optimiser",
    "sign-flipped",
    "sum-reduction",
    "weight-decay-10",
)


def plans(programs: Iterable[Program], *, small: bool = False) -> list[Plan]:
    """Return all plans in a stable order, those of each program together and its plain runs first."""
    found = [plan for program in programs for plan in _of(program, small=small)]
    return list(dict.fromkeys(found))


def _of(program: Program, *, small: bool) -> Iterator[Plan]:
    if small and program.name not in SMALL:
        return
    turn = sum(map(ord, program.name))
    variants = VARIANTS[:1] if small else VARIANTS
    for kind in ("plain", *program.healthy):
        turn += 1
        for seed, rate, length in variants:
            yield _formed(program, turn, Plan(program.name, healthy=kind, seed=seed, rate=rate, length=length))
    for seed, rate, length in () if small else PLAIN:
        yield _formed(program, turn, Plan(program.name, healthy="plain", seed=seed, rate=rate, length=length))
    for fault in program.faults:
        if small and fault not in SMALL_FAULTS:
            continue
        turn += 1
        for seed, rate, length in variants:
            yield _formed(program, turn, Plan(program.name, fault=fault, seed=seed, rate=rate, length=length))


def _formed(program: Program, turn: int, plan: Plan) -> Plan:
    """Forms go round, so that no fault is tied to one; what means would hide needs a form with steps."""
    usable = [form for form in program.forms if plan.fault not in NEEDS_STEPS or form not in MEANS] or program.forms
    return replace(plan, form=usable[(turn + 3 * plan.seed) % len(usable)])

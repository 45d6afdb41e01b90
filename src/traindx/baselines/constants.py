"""Levels that training losses stand at so often that they are known by value, with what each may mean.

``weight`` says how often a level is met in practice, 1 (rare) to 10 (daily): our estimate, used only to rank rivals and
to choose which levels may match where few digits are printed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import final

from traindx.baselines.arithmetic import shown
from traindx.baselines.baseline import Baseline
from traindx.baselines.constant_levels import LEVELS
from traindx.baselines.constant_sizes import BATCHES, CLASSES, VOCABULARIES
from traindx.baselines.contrastive_floors import queue_chance, temperature_floor, two_view_chance
from traindx.baselines.siglip import siglip_trivial
from traindx.baselines.softmax_floors import double_softmax_floor, label_smoothing_floor


@final
@dataclass(frozen=True, slots=True)
class Constant:
    """One meaning of one level."""

    value: float
    formula: str
    meaning: str
    weight: float
    conditions: str = ""


def _logarithms() -> Iterator[Constant]:
    for size, (what, weight) in CLASSES.items():
        yield Constant(math.log(size), f"ln {size}", f"uniform over {shown(size)} classes ({what})", weight)
    for size, (what, weight) in VOCABULARIES.items():
        yield Constant(math.log(size), f"ln {size}", f"uniform over a vocabulary of {size:,} ({what})", weight)
    for size, weight in BATCHES.items():
        yield Constant(
            math.log(size),
            f"ln {size}",
            f"in-batch contrastive guess among {size:,} candidates",
            weight,
            "full batches",
        )


def _from(baseline: Baseline, weight: float) -> Constant:
    return Constant(baseline.value, baseline.formula, baseline.meaning, weight, baseline.conditions)


def _derived() -> Iterator[Constant]:
    for power in range(5, 13):
        yield _from(two_view_chance(2**power), 3)
        yield _from(siglip_trivial(2**power), 3)
        yield _from(temperature_floor(2**power, 1.0), 4)
    for queue in (4096, 8192, 16384, 65536):
        yield _from(queue_chance(queue), 5)
    for classes in (2, 10, 100, 1000):
        yield _from(label_smoothing_floor(classes, 0.1), 4)
        yield _from(double_softmax_floor(classes), 4)


def constants() -> tuple[Constant, ...]:
    """Return every known level, the commonest first."""
    levels = [Constant(*level) for level in LEVELS]
    return tuple(sorted([*levels, *_logarithms(), *_derived()], key=lambda c: (-c.weight, c.value, c.meaning)))

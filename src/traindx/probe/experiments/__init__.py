"""The experiments, in the order of their worth: what costs little and decides much comes first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, final

from traindx.probe.bench import Bench
from traindx.probe.experiments.alignment import measure_alignment
from traindx.probe.experiments.fits import measure_blank, measure_fit, measure_movement, measure_sweep
from traindx.probe.experiments.gradients import measure_flow, measure_terms
from traindx.probe.experiments.padding import measure_padding
from traindx.probe.experiments.passes import (
    measure_doubling,
    measure_layers,
    measure_modes,
    measure_precision,
    measure_rates,
)
from traindx.probe.measured import Field


@final
@dataclass(frozen=True, slots=True)
class Experiment:
    """One experiment: what it measures, what it is called in words, and the fewest training steps that it needs."""

    field: Field
    says: str
    measure: Callable[[Bench], Any]
    steps: int = 1


EXPERIMENTS: Final[tuple[Experiment, ...]] = (
    Experiment("rates", "the optimiser looked at", measure_rates, 0),
    Experiment("flow", "gradients by layer", measure_flow, 6),
    Experiment("layers", "what layers put out", measure_layers),
    Experiment("doubling", "the batch doubled", measure_doubling, 3),
    Experiment("modes", "training against evaluation", measure_modes, 3),
    Experiment("padding", "padding changed", measure_padding, 1),
    Experiment("term_slopes", "the gradient of each term", measure_terms, 2),
    Experiment("movement", "the optimiser's own steps", measure_movement, 4),
    Experiment("fit", "one batch learnt by heart", measure_fit, 30),
    Experiment("blank", "the same with constant inputs", measure_blank, 30),
    Experiment("alignment", "tokens of known entropy", measure_alignment, 60),
    Experiment("precision", "half precision", measure_precision, 2),
    Experiment("sweep", "a sweep over learning rates", measure_sweep, 48),
)

__all__ = ["EXPERIMENTS", "Experiment"]

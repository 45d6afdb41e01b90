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
    """One experiment: what it measures, what it is called in words, and whether it costs no time."""

    field: Field
    says: str
    measure: Callable[[Bench], Any]
    free: bool = False


EXPERIMENTS: Final[tuple[Experiment, ...]] = (
    Experiment("rates", "the optimiser looked at", measure_rates, free=True),
    Experiment("flow", "gradients by layer", measure_flow),
    Experiment("layers", "what layers put out", measure_layers),
    Experiment("doubling", "the batch doubled", measure_doubling),
    Experiment("modes", "training against evaluation", measure_modes),
    Experiment("padding", "padding changed", measure_padding),
    Experiment("term_slopes", "the gradient of each term", measure_terms),
    Experiment("movement", "the optimiser's own steps", measure_movement),
    Experiment("fit", "one batch learnt by heart", measure_fit),
    Experiment("blank", "the same with constant inputs", measure_blank),
    Experiment("alignment", "tokens of known entropy", measure_alignment),
    Experiment("precision", "half precision", measure_precision),
    Experiment("sweep", "a sweep over learning rates", measure_sweep),
)

__all__ = ["EXPERIMENTS", "Experiment"]

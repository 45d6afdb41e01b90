"""Optimisers for programs whose loop is their own: several models, rollouts, or batches that the model makes itself."""

from __future__ import annotations

import math

import torch
from benchmarks.accuracy.loop import MARGIN_OF_RATE
from benchmarks.accuracy.optimising import Rates, Stepper
from benchmarks.accuracy.plan import Plan
from torch import nn

STEP_FAULTS = (
    "rate-x30",
    "rate-x100",
    "rate-x1000",
    "rate-over-300",
    "all-frozen",
    "missing-zero-grad",
    "sign-flipped",
)
"""Faults that a program has by using ``stepper``."""


def stepper(
    plan: Plan,
    model: nn.Module,
    *,
    lr: float,
    total: int,
    schedule: str = "constant",
    clip: float = 0.0,
    optimiser: str = "adam",
) -> Stepper:
    """Return an optimiser for ``model`` that follows the plan's rate and fault; ``schedule`` is "constant", "cosine" or "wsd"."""
    peak = lr * plan.rate * MARGIN_OF_RATE.get(plan.fault, 1.0)
    shapes = {
        "constant": lambda _step: 1.0,
        "cosine": lambda step: _cosine(step / total),
        "wsd": lambda step: _late(step / total),
    }
    norm = 1e-4 if plan.fault == "clip-1e-4" else clip
    return Stepper(plan, model, Rates(optimiser, peak, shapes[schedule], clip=norm, schedule=schedule), ())


def _cosine(done: float) -> float:
    return 0.5 * (1 + math.cos(math.pi * min(1.0, done)))


def _late(done: float) -> float:
    """Warm-up over a twentieth, constant, and linear decay over the last fifth."""
    return min(1.0, max(done, 0.001) / 0.05, max(0.0, 1 - done) / 0.2)


def seeded(plan: Plan) -> torch.Generator:
    """Seed torch for this plan, on one thread, and return a generator for its data: one plan, one run."""
    torch.set_num_threads(1)
    torch.manual_seed(plan.seed)
    return torch.Generator().manual_seed(1000 + plan.seed)

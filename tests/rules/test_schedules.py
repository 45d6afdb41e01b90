"""Rules on learning rates, held against the schedulers of PyTorch: what they do is no fault, what goes wrong with them is."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest
import torch
from torch.optim import lr_scheduler as schedulers

from traindx.diagnosis import Finding
from traindx.engine import diagnose_run, select_rules
from traindx.run import Floats, Run, Series, floats

RULES = select_rules(["OPT"])
STEPS = 1_000
Scheduler = schedulers.LRScheduler
HEALTHY: Mapping[str, Callable[[torch.optim.Optimizer], Scheduler]] = {
    "cosine": lambda o: schedulers.CosineAnnealingLR(o, STEPS),
    "cosine with a floor": lambda o: schedulers.CosineAnnealingLR(o, STEPS, eta_min=1e-5),
    "linear": lambda o: schedulers.LinearLR(o, 1.0, 0.0, STEPS),
    "polynomial": lambda o: schedulers.PolynomialLR(o, STEPS, power=2.0),
    "one cycle": lambda o: schedulers.OneCycleLR(o, 1e-3, total_steps=STEPS + 1),
    "steps": lambda o: schedulers.StepLR(o, STEPS // 3, 0.1),
    "milestones": lambda o: schedulers.MultiStepLR(o, [600, 800], 0.1),
    "exponential": lambda o: schedulers.ExponentialLR(o, 0.01 ** (1 / STEPS)),
    "warm restarts": lambda o: schedulers.CosineAnnealingWarmRestarts(o, 250),
    "growing restarts": lambda o: schedulers.CosineAnnealingWarmRestarts(o, 150, 2),
    "triangles": lambda o: schedulers.CyclicLR(o, 1e-5, 1e-3, 100, cycle_momentum=False),
    "warm-up, then cosine": lambda o: schedulers.SequentialLR(
        o, [schedulers.LinearLR(o, 0.01, 1.0, 50), schedulers.CosineAnnealingLR(o, STEPS - 50)], [50]
    ),
    "inverse square root": lambda o: schedulers.LambdaLR(
        o, lambda step: min((step + 1) / 100, (100 / (step + 1)) ** 0.5)
    ),
    "warm-up, stable, decay": lambda o: schedulers.LambdaLR(
        o, lambda step: min(1.0, (step + 1) / 50, (STEPS - step) / 200)
    ),
}


def rates(make: Callable[[torch.optim.Optimizer], Scheduler]) -> Floats:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1e-3)
    scheduler, found = make(optimizer), []
    for _ in range(STEPS):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return floats(found)


def findings(rate: Floats, loss: Floats | None = None, **facts: str | int | float) -> dict[str, Finding]:
    steps = floats(np.arange(len(rate)))
    rng = np.random.default_rng(0)
    usual = floats((0.5 + 1.8 * np.exp(-np.arange(len(rate)) / 200)) * np.exp(rng.normal(0, 0.02, len(rate))))
    series = {
        "train/loss": Series(name="train/loss", values=usual if loss is None else loss, steps=steps),
        "lr": Series(name="lr", values=rate, steps=steps),
    }
    report = diagnose_run(Run(name="any", series=series, sources=()), RULES, facts=facts)
    return {finding.code: finding for finding in report.findings}


@pytest.mark.parametrize("name", HEALTHY)
def test_no_scheduler_of_pytorch_is_a_fault_by_itself(name: str) -> None:
    assert set(findings(rates(HEALTHY[name]))) <= {"OPT002"}


def test_a_cosine_stepped_beyond_its_length_is_told() -> None:
    found = findings(rates(lambda o: schedulers.CosineAnnealingLR(o, 600)))
    assert "bit by bit" in found["OPT006"].headline


def test_a_linear_decay_that_was_told_half_the_steps_is_told() -> None:
    found = findings(rates(lambda o: schedulers.LinearLR(o, 1.0, 0.005, STEPS // 2)))
    assert found["OPT005"].severity.value == "warning"
    assert found["OPT005"].evidence[0].measured == pytest.approx(0.5, abs=0.02)


def test_a_cosine_stepped_once_in_ten_steps_is_told() -> None:
    slow = floats(np.repeat(rates(lambda o: schedulers.CosineAnnealingLR(o, STEPS))[: STEPS // 10], 10))
    found = findings(slow, schedule="cosine", total_steps=STEPS)
    # (1 + cos(pi / 10)) / 2 of the peak is left after a tenth of the way
    assert found["OPT015"].evidence[0].measured == pytest.approx((1 + np.cos(np.pi / 10)) / 2, abs=2e-3)


def test_the_memory_of_decaying_weights_is_that_of_adamw() -> None:
    """After 1 / (learning rate x weight decay) steps without a gradient, AdamW leaves 1/e of a weight."""
    weight = torch.nn.Parameter(torch.ones(1, dtype=torch.float64))
    optimizer = torch.optim.AdamW([weight], lr=0.01, weight_decay=2.0)
    found = findings(floats(np.full(60, 0.01)), floats(2.3 + 0.01 * np.sin(np.arange(60.0))), weight_decay=2.0)
    memory = found["OPT014"].evidence[0].measured
    assert memory == pytest.approx(50)
    for _ in range(round(memory or 0)):
        weight.grad = torch.zeros(1, dtype=torch.float64)
        optimizer.step()
    assert weight.item() == pytest.approx(np.exp(-1), rel=0.02)

"""One training loop for all supervised programs, with the faults and the healthy kinds that any of them can have."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, final

import torch
from benchmarks.accuracy.optimising import Rates, Stepper, rates_for
from benchmarks.accuracy.plan import Plan
from benchmarks.accuracy.recorder import Recorder
from benchmarks.accuracy.tampering import tamper
from torch import Tensor, nn

Batch = Any  # whatever the program's own functions pass to each other

LOOP_FAULTS: tuple[str, ...] = (
    "rate-x30",
    "rate-x100",
    "rate-x1000",
    "rate-over-300",
    "rate-zero",
    "schedule-not-stepped",
    "schedule-ends-early",
    "frozen-parameters",
    "all-frozen",
    "missing-zero-grad",
    "sign-flipped",
    "clip-1e-4",
    "weight-decay-10",
    "momentum-999",
    "init-x10",
    "init-zero",
    "sum-reduction",
    "bad-shard",
    "nan-in-data",
    "precision-overflow",
    "resume-without-optimiser",
    "mixed-streams",
    "stopped-early",
    "memory-leak",
    "loader-starved",
)
"""Faults that the loop makes by itself, given ``poison`` and ``spoil`` for the two that need the data's shape."""

LOOP_HEALTHY: tuple[str, ...] = (
    "constant-rate",
    "cosine",
    "warm-up",
    "step-decay",
    "sgd",
    "adam",
    "clipped",
    "accumulation",
    "small-decay",
    "half-precision",
    "resumed",
    "few-points",
    "no-validation",
    "machine-logged",
    "running-mean",
)
"""Kinds of healthy run that the loop makes by itself."""

MARGIN_OF_RATE: Mapping[str, float] = {
    "rate-x30": 30.0,
    "rate-x100": 100.0,
    "rate-x1000": 1000.0,
    "rate-over-300": 1 / 300,
    "rate-zero": 0.0,
}
SMALL_BATCH_STEPS = 4  # one sample a step wants more steps, and smaller ones


@final
@dataclass(slots=True, kw_only=True)
class Setup:
    """What a program gives to the loop.

    ``batches(epoch)`` yields the training batches of one pass; ``loss(model, batch)`` returns the mean loss and metrics of that batch
    by canonical name; ``evaluate(model)`` the logged validation metrics ("val/loss", ...); ``truth(model)`` the real quality on clean
    held-out data, ``trivial`` the same of a constant prediction. ``body`` are the names that "frozen-parameters" leaves out of the
    optimiser. ``poison`` puts a NaN into a batch, ``spoil`` makes it garbage.
    """

    model: nn.Module
    batches: Callable[[int], Iterator[Batch]]
    loss: Callable[[nn.Module, Batch], tuple[Tensor, dict[str, float]]]
    evaluate: Callable[[nn.Module], dict[str, float]]
    truth: Callable[[nn.Module], float]
    trivial: float
    guesses: Mapping[str, float]
    rate: float
    steps: int
    batch_size: int
    per_epoch: int
    higher: bool = False
    optimiser: str = "adam"
    schedule: str = "constant"
    clip: float = 0.0
    log_every: int = 1
    evaluate_every: int = 0
    body: tuple[str, ...] = ()
    poison: Callable[[Batch], Batch] | None = None
    spoil: Callable[[Batch], Batch] | None = None
    evaluate_in_train_mode: bool = False
    settings: dict[str, int | float | str | bool] = field(default_factory=dict)


def run(plan: Plan, recorder: Recorder, setup: Setup) -> None:
    """Train as planned, and tell the recorder."""
    steps = _steps(plan, setup)
    kind = MARGIN_OF_RATE.get(plan.fault, 0.3 if plan.healthy == "batch-1" else 1.0)
    rates = rates_for(plan, setup, steps, kind * plan.rate)
    _tell(plan, recorder, setup, rates, steps)
    tamper(plan.fault, setup.model)
    stepper = Stepper(plan, setup.model, rates, setup.body)
    _Loop(plan, recorder, setup, stepper, rates, steps).go()
    setup.model.eval()
    with torch.no_grad():
        recorder.outcome(setup.truth(setup.model), trivial=setup.trivial, higher=setup.higher)


def _steps(plan: Plan, setup: Setup) -> int:
    steps = max(3, round(setup.steps * plan.length))
    if plan.fault == "stopped-early":
        return max(8, steps // 12)
    return SMALL_BATCH_STEPS * steps if plan.healthy == "batch-1" else steps


def _tell(plan: Plan, recorder: Recorder, setup: Setup, rates: Rates, steps: int) -> None:
    batch = 1 if plan.fault == "one-candidate" else setup.batch_size
    told: dict[str, int | float | str | bool] = {
        "learning_rate": rates.peak,
        "batch_size": batch,
        "optimizer": rates.optimiser,
        "seed": plan.seed,
        "max_steps": steps if plan.healthy == "batch-1" else round(setup.steps * plan.length),
    }
    if "lr_scheduler" in setup.settings:
        told["lr_scheduler"] = {"warm-up": "cosine", "step-decay": "step"}.get(rates.schedule, rates.schedule)
    if rates.clip:
        told["max_grad_norm"] = rates.clip
    if rates.weight_decay:
        told["weight_decay"] = rates.weight_decay
    recorder.setting(**{**setup.settings, **told})
    recorder.fact(batch_size=batch, steps=steps, schedule=rates.schedule)
    recorder.guess(setup.guesses)


@final
class _Loop:
    """The state of one run while it goes on."""

    def __init__(
        self, plan: Plan, recorder: Recorder, setup: Setup, stepper: Stepper, rates: Rates, steps: int
    ) -> None:
        self.plan, self.recorder, self.setup, self.stepper = plan, recorder, setup, stepper
        self.rates, self.steps = rates, steps
        self.noise = torch.Generator().manual_seed(plan.seed + 77)
        self.evaluate_every = setup.evaluate_every or setup.per_epoch
        self.log_every = max(1, steps // 6) if plan.healthy == "few-points" else setup.log_every
        self.running = math.nan
        self.offset = 0  # what the logged step is ahead of (or, after a resume, behind) the real one

    def go(self) -> None:
        epoch, step = 0, 0
        if self.plan.healthy != "no-validation" and self.setup.per_epoch != self.evaluate_every:
            self.evaluate(0)
        while step < self.steps:
            for batch in self.setup.batches(epoch):
                self.step(step, self.changed(step, batch))
                step += 1
                if step % self.evaluate_every == 0 or step == self.steps:
                    self.evaluate(step)
                if step >= self.steps:
                    break
            epoch += 1

    def changed(self, step: int, batch: Batch) -> Batch:
        """The batch as the fault of the data leaves it."""
        setup, fault = self.setup, self.plan.fault
        if fault == "nan-in-data" and setup.poison and step == self.steps // 3 + 7 * self.plan.seed % 11:
            return setup.poison(batch)
        inside = 0.55 < (step % setup.per_epoch) / setup.per_epoch < 0.8
        return setup.spoil(batch) if fault == "bad-shard" and setup.spoil and inside else batch

    def step(self, step: int, batch: Batch) -> None:
        setup = self.setup
        if self.plan.fault == "resume-without-optimiser" and step == self.steps // 2:
            self.stepper.forget()
            self.offset = -min(step, max(1, self.steps // 20))
        if self.plan.healthy == "resumed" and step == self.steps // 2:
            self.stepper.reload()
        setup.model.train()
        loss, metrics = setup.loss(setup.model, batch)
        if self.plan.fault == "sum-reduction":
            loss = loss * setup.batch_size
        told = self.stepper.step(loss, step)
        if step % self.log_every == 0 or step == self.steps - 1:
            self.write(step, loss.item(), metrics, told)

    def write(self, step: int, loss: float, metrics: dict[str, float], told: dict[str, float]) -> None:
        if self.plan.healthy == "running-mean":
            self.running = loss if math.isnan(self.running) else 0.95 * self.running + 0.05 * loss
            loss = self.running
        if self.plan.fault == "mixed-streams" and (step // self.log_every) % 2:
            loss = 6.0 * loss + 3.0  # another term, written under the same name
        shown = {"train/loss": loss, **metrics, **told, **self.machine(step)}
        at = step + self.offset
        self.recorder.log(at, shown, epoch=at / self.setup.per_epoch)

    def machine(self, step: int) -> dict[str, float]:
        """What the machine says of itself, where it is logged."""
        fault, share = self.plan.fault, step / max(1, self.steps)
        if fault not in {"memory-leak", "loader-starved"} and self.plan.healthy != "machine-logged":
            return {}
        jitter = torch.rand(3, generator=self.noise).tolist()
        pause = 0.9 + 0.4 * jitter[0] if fault == "loader-starved" else 0.004 + 0.002 * jitter[0]
        leak = 9000.0 * share if fault == "memory-leak" else 0.0
        return {
            "data_time": pause,
            "step_time": pause + 0.11 + 0.01 * jitter[1],
            "memory_mb": 2310.0 + 400.0 * min(1.0, 8 * share) + leak + 6.0 * jitter[2],
        }

    def evaluate(self, step: int) -> None:
        if self.plan.healthy == "no-validation":
            return
        setup = self.setup
        setup.model.train(self.plan.fault == "train-mode-at-evaluation" or setup.evaluate_in_train_mode)
        with torch.no_grad():
            found = setup.evaluate(setup.model)
        at = max(0, step - 1) + self.offset
        self.recorder.log(at, found, epoch=(at + 1) / setup.per_epoch)

"""A generator and a discriminator that train in turn, and the faults that such a game can have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import final

import torch
from benchmarks.accuracy.optimising import Stepper
from benchmarks.accuracy.plan import Plan
from benchmarks.accuracy.recorder import Recorder
from benchmarks.accuracy.stepping import STEP_FAULTS, stepper
from torch import Tensor, nn
from torch.nn import functional

GAME_FAULTS = (
    *STEP_FAULTS,
    "discriminator-too-strong",
    "generator-detached",
)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Game:
    """Both players, where real samples come from, and how the losses are made and called.

    ``real(count)`` returns samples; ``distance(samples)`` how far generated ones are from them. ``names`` are those of the
    discriminator's loss, the generator's loss and the mean answers to real and to fake samples. ``hinge`` takes hinge losses
    instead of cross-entropies, and logs raw answers.
    """

    generator: nn.Module
    judge: nn.Module
    real: Callable[[int], Tensor]
    distance: Callable[[Tensor], float]
    trivial: float
    names: tuple[str, str, str, str]
    noise: int
    batch: int
    steps: int
    rate: float
    log_every: int
    hinge: bool = False


def play(plan: Plan, recorder: Recorder, game: Game) -> None:
    """Step both in turn; log both losses and both mean answers."""
    strong = plan.fault == "discriminator-too-strong"
    steps = max(20, round(game.steps * plan.length))
    maker, critic = _steppers(plan, game, steps, strong=strong)
    recorder.setting(lr_g=maker.rates.peak, lr_d=critic.rates.peak, batch_size=game.batch, nz=game.noise)
    recorder.guess({game.names[0]: 0.0})  # a generator that makes one sample again and again fools nobody
    for step in range(steps):
        for _ in range(4 if strong else 1):
            fake = game.generator(torch.randn(game.batch, game.noise)).detach()
            answers = game.judge(game.real(game.batch)), game.judge(fake)
            loss_d = _judged(game, *answers)
            _ = critic.step(loss_d, step)
        fake = game.generator(torch.randn(game.batch, game.noise))
        loss_g = _fooled(game, game.judge(fake.detach() if plan.fault == "generator-detached" else fake))
        told = maker.step(loss_g, step)
        if step % game.log_every == 0:
            means = [(answer if game.hinge else answer.sigmoid()).mean().item() for answer in answers]
            shown = dict(zip(game.names, (loss_d.item(), loss_g.item(), *means), strict=True))
            recorder.log(step, {**shown, "lr": told["lr"]})
    with torch.no_grad():
        recorder.outcome(game.distance(game.generator(torch.randn(500, game.noise))), trivial=game.trivial)


def _steppers(plan: Plan, game: Game, steps: int, *, strong: bool) -> tuple[Stepper, Stepper]:
    """Return the optimisers of both. What is frozen or flipped is the generator's side."""
    fair = Plan(plan.program, seed=plan.seed, rate=plan.rate) if plan.fault in {"all-frozen", "sign-flipped"} else plan
    maker = stepper(plan, game.generator, lr=game.rate / (30 if strong else 1), total=steps)
    critic = stepper(fair, game.judge, lr=game.rate * (8 if strong else 1), total=steps)
    for group in [*maker.optimiser.param_groups, *critic.optimiser.param_groups]:
        group["betas"] = (0.5, 0.99)  # a long momentum makes the two chase each other
    return maker, critic


def _judged(game: Game, on_real: Tensor, on_fake: Tensor) -> Tensor:
    if game.hinge:
        return (1 - on_real).relu().mean() + (1 + on_fake).relu().mean()
    return functional.softplus(-on_real).mean() + functional.softplus(on_fake).mean()


def _fooled(game: Game, on_fake: Tensor) -> Tensor:
    return -on_fake.mean() if game.hinge else functional.softplus(-on_fake).mean()


def energy_distance(first: Tensor, second: Tensor) -> float:
    """Return twice the mean distance across, less those within: 0 for samples of one distribution."""
    within = torch.cdist(first, first).mean() + torch.cdist(second, second).mean()
    return float(2 * torch.cdist(first, second).mean() - within)


def network(inputs: int, width: int, outputs: int) -> nn.Sequential:
    """Return three layers with leaky units."""
    return nn.Sequential(
        nn.Linear(inputs, width),
        nn.LeakyReLU(0.2),
        nn.Linear(width, width),
        nn.LeakyReLU(0.2),
        nn.Linear(width, outputs),
    )

"""A generator and a discriminator of points on a ring of eight."""

from __future__ import annotations

import math

import torch
from benchmarks.accuracy.causing import causes
from benchmarks.accuracy.plan import Plan
from benchmarks.accuracy.program import Program
from benchmarks.accuracy.recorder import Recorder
from benchmarks.accuracy.stepping import seeded, stepper
from torch import Tensor, nn
from torch.nn import functional

NOISE, WIDTH, BATCH, STEPS = 4, 48, 64, 450


def network(inputs: int, outputs: int, *, slope: float = 0.2) -> nn.Sequential:
    """Return three layers."""
    return nn.Sequential(
        nn.Linear(inputs, WIDTH),
        nn.LeakyReLU(slope),
        nn.Linear(WIDTH, WIDTH),
        nn.LeakyReLU(slope),
        nn.Linear(WIDTH, outputs),
    )


def ring(count: int, draw: torch.Generator, *, shift: float = 0.0) -> Tensor:
    """Return points around eight places on a circle of radius 1.5."""
    angle = torch.randint(0, 8, (count,), generator=draw) * (math.pi / 4)
    place = 1.5 * torch.stack([angle.cos(), angle.sin()], dim=1)
    return place + shift + 0.15 * torch.randn(count, 2, generator=draw)


def energy_distance(first: Tensor, second: Tensor) -> float:
    """Return twice the mean distance across, less those within: 0 for samples of one distribution."""
    within = torch.cdist(first, first).mean() + torch.cdist(second, second).mean()
    return float(2 * torch.cdist(first, second).mean() - within)


def _answers(logits: Tensor, real: bool) -> Tensor:
    return functional.binary_cross_entropy_with_logits(logits, torch.full_like(logits, float(real)))


def train(plan: Plan, recorder: Recorder) -> None:
    """Step both in turn; log both losses and both mean answers."""
    draw = seeded(plan)
    strong = plan.fault == "discriminator-too-strong"
    generator, judge = network(NOISE, 2), network(2, 1)
    steps = max(20, round(STEPS * plan.length))
    quiet = Plan(plan.program, seed=plan.seed, rate=plan.rate)  # what is at fault is the generator's side
    maker = stepper(plan, generator, lr=1e-3 / (30 if strong else 1), total=steps)
    critic = stepper(
        quiet if plan.fault in {"all-frozen", "sign-flipped"} else plan,
        judge,
        lr=1e-3 * (8 if strong else 1),
        total=steps,
    )
    for group in [*maker.optimiser.param_groups, *critic.optimiser.param_groups]:
        group["betas"] = (0.5, 0.99)  # a long momentum makes the two chase each other
    recorder.setting(lr_g=maker.rates.peak, lr_d=critic.rates.peak, batch_size=BATCH, nz=NOISE, loss="bce")
    recorder.guess({"train/loss_D": 0.0})  # a generator that makes one point fools nobody
    shift = 12.0 if strong else 0.0  # far from where the generator starts: easy to tell apart
    for step in range(steps):
        for _ in range(4 if strong else 1):
            real, fake = ring(BATCH, draw, shift=shift), generator(torch.randn(BATCH, NOISE)).detach()
            on_real, on_fake = judge(real), judge(fake)
            loss_d = _answers(on_real, real=True) + _answers(on_fake, real=False)
            _ = critic.step(loss_d, step)
        fake = generator(torch.randn(BATCH, NOISE))
        on_new = judge(fake.detach() if plan.fault == "generator-detached" else fake)
        loss_g = _answers(on_new, real=True)
        told = maker.step(loss_g, step)
        shown = {
            "train/loss_D": loss_d.item(),
            "train/loss_G": loss_g.item(),
            "train/D_x": on_real.sigmoid().mean().item(),
            "train/D_G_z": on_fake.sigmoid().mean().item(),
        }
        if step % 3 == 0:
            recorder.log(step, {**shown, "lr": told["lr"]})
    with torch.no_grad():
        real, made = ring(500, draw, shift=shift), generator(torch.randn(500, NOISE))
        recorder.outcome(energy_distance(real, made), trivial=energy_distance(real, real.mean(0).expand(500, 2)))


PROGRAM = Program(
    name="points_gan",
    task="gan",
    split="fit",
    faults=causes(
        "rate-x30", "rate-x100", "rate-x1000", "rate-over-300", "all-frozen", "missing-zero-grad", "sign-flipped",
        "discriminator-too-strong", "generator-detached",
    ),
    healthy=(),
    train=train,
    forms=("jsonl", "tensorboard", "epoch-lines"),
)  # fmt: skip

"""One body with three heads on synthetic data: a class, a number, and the input again; their losses are weighed and added."""

from __future__ import annotations

import torch
from benchmarks.accuracy.causing import causes
from benchmarks.accuracy.guessing import guesses
from benchmarks.accuracy.loop import Setup, run
from benchmarks.accuracy.plan import Plan
from benchmarks.accuracy.program import Program
from benchmarks.accuracy.recorder import Recorder
from benchmarks.accuracy.shuffled import batches
from benchmarks.accuracy.stepping import seeded
from torch import Tensor, nn
from torch.nn import functional

INPUTS, CLASSES, WIDTH, BATCH, EPOCHS = 12, 5, 64, 64, 16


class Heads(nn.Module):
    """A body of two layers, and a head for each task."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(INPUTS, WIDTH), nn.ReLU(), nn.Linear(WIDTH, WIDTH), nn.ReLU())
        self.kind, self.amount, self.again = nn.Linear(WIDTH, CLASSES), nn.Linear(WIDTH, 1), nn.Linear(WIDTH, INPUTS)

    def forward(self, given: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return logits, amounts and the inputs again."""
        hidden = self.body(given)
        return self.kind(hidden), self.amount(hidden)[:, 0], self.again(hidden)


def samples(count: int, draw: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Return inputs, their classes (which of five directions fits best) and amounts of unit variance."""
    fixed = torch.Generator().manual_seed(21)
    directions, bent = torch.randn(INPUTS, CLASSES, generator=fixed), torch.randn(INPUTS, generator=fixed) / INPUTS**0.5
    given = torch.randn(count, INPUTS, generator=draw)
    amount = (given @ bent) + 0.5 * (2 * given[:, 0]).sin() + 0.1 * torch.randn(count, generator=draw)
    return given, (given @ directions).argmax(1), amount / 1.07


def terms(model: nn.Module, given: Tensor, kinds: Tensor, amounts: Tensor) -> tuple[Tensor, dict[str, float]]:
    """Return the weighted sum, and what is logged of it."""
    logits, amount, again = model(given)
    parts = {
        "loss_cls": functional.cross_entropy(logits, kinds),
        "loss_reg": functional.mse_loss(amount, amounts),
        "loss_rec": functional.mse_loss(again, given),
    }
    shown = {name: part.item() for name, part in parts.items()}
    accuracy = (logits.argmax(-1) == kinds).float().mean().item()
    return parts["loss_cls"] + 2 * parts["loss_reg"] + 0.5 * parts["loss_rec"], {**shown, "accuracy": accuracy}


def train(plan: Plan, recorder: Recorder) -> None:
    """Train; one fault spoils the classes alone, another the amounts alone: the sum goes on falling."""
    draw = seeded(plan)
    given, kinds, amounts = samples(1600, draw)
    held = samples(400, draw)
    if plan.fault == "labels-shuffled":
        kinds = kinds[torch.randperm(len(kinds))]
    if plan.fault == "targets-raw":
        amounts, held = 300 * amounts + 1000, (held[0], held[1], 300 * held[2] + 1000)

    def loss(model: nn.Module, batch: tuple[Tensor, ...]) -> tuple[Tensor, dict[str, float]]:
        total, shown = terms(model, *batch)
        return total, {f"train/{name}": value for name, value in shown.items()}

    def evaluate(model: nn.Module) -> dict[str, float]:
        total, shown = terms(model, *held)
        return {"val/loss": total.item(), **{f"val/{name}": value for name, value in shown.items()}}

    entropy = float(torch.distributions.Categorical(torch.bincount(held[1]).float()).entropy())
    guess = entropy + 2 * float(held[2].var()) + 0.5

    setup = Setup(
        model=Heads(),
        batches=lambda epoch: batches((given, kinds, amounts), BATCH, epoch, plan.seed),
        loss=loss,
        evaluate=evaluate,
        truth=lambda model: functional.cross_entropy(model(held[0])[0], held[1]).item(),
        trivial=entropy,
        guesses=guesses(plan, BATCH, guess, guess, {"val/accuracy": 0.2}),
        rate=2e-3,
        steps=EPOCHS * (1600 // BATCH),
        batch_size=BATCH,
        per_epoch=1600 // BATCH,
        log_every=2,
        body=("body",),
        poison=lambda batch: (batch[0] * torch.nan, *batch[1:]),
        settings={"cls_weight": 1.0, "reg_weight": 2.0, "rec_weight": 0.5, "num_classes": CLASSES},
    )
    run(plan, recorder, setup)


PROGRAM = Program(
    name="three_tasks",
    task="multi-task",
    split="test",
    faults=causes(
        "rate-x100", "rate-x1000", "rate-over-300", "rate-zero", "all-frozen", "missing-zero-grad", "sign-flipped", "init-x10",
        "labels-shuffled", "targets-raw", "sum-reduction", "nan-in-data", "schedule-ends-early", "clip-1e-4",
    ),
    healthy=("sgd", "cosine", "step-decay", "clipped", "few-points"),
    train=train,
)  # fmt: skip

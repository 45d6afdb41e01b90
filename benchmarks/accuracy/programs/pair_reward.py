"""A reward model of texts, trained on which of two was preferred."""

from __future__ import annotations

import torch
from benchmarks.accuracy.causing import causes
from benchmarks.accuracy.guessing import guesses
from benchmarks.accuracy.loop import Setup, run
from benchmarks.accuracy.pairs_of_texts import LETTERS, PROMPTS, Pairs, pairs, swapped_by
from benchmarks.accuracy.plan import Plan
from benchmarks.accuracy.program import Program
from benchmarks.accuracy.recorder import Recorder
from benchmarks.accuracy.shuffled import rows
from benchmarks.accuracy.stepping import seeded
from torch import Tensor, nn
from torch.nn import functional

BATCH, EPOCHS, WIDTH = 64, 8, 24


class Judge(nn.Module):
    """Mean of letter embeddings, joined with the prompt's, through one hidden layer."""

    def __init__(self) -> None:
        super().__init__()
        self.letter, self.prompt = nn.Embedding(LETTERS, WIDTH), nn.Embedding(PROMPTS, WIDTH)
        self.body = nn.Sequential(nn.Linear(3 * WIDTH, 64), nn.ReLU())
        self.score = nn.Linear(64, 1)

    def forward(self, prompts: Tensor, texts: Tensor) -> Tensor:
        """Return one score a text (B,)."""
        text, prompt = self.letter(texts).mean(1) * 3, self.prompt(prompts)
        return self.score(self.body(torch.cat([text, prompt, text * prompt], dim=1)))[:, 0]


def judged(model: nn.Module, part: Pairs) -> tuple[Tensor, Tensor]:
    """Return the pair loss, and the margin of each pair."""
    margin = model(part.prompts, part.chosen) - model(part.prompts, part.rejected)
    return -functional.logsigmoid(margin).mean(), margin.detach()


def train(plan: Plan, recorder: Recorder) -> None:
    """Train on pairs; few of them, where overfitting is the fault."""
    draw = seeded(plan)
    given = pairs(60 if plan.fault == "overfitting" else 2400, draw)
    data, held_out = swapped_by(plan.fault, given, draw), pairs(500, draw)
    batch = 20 if plan.fault == "overfitting" else BATCH
    steps = EPOCHS * (2400 // BATCH)

    def loss(model: nn.Module, part: Pairs) -> tuple[Tensor, dict[str, float]]:
        value, margin = judged(model, part)
        return value, {"train/accuracy": (margin > 0).float().mean().item(), "train/margin": margin.mean().item()}

    def evaluate(model: nn.Module) -> dict[str, float]:
        value, margin = judged(model, held_out)
        accuracy = (margin > 0).float().mean().item()
        return {"val/loss": value.item(), "val/accuracy": accuracy, "val/margin": margin.mean().item()}

    setup = Setup(
        model=Judge(),
        batches=lambda epoch: (data[part] for part in rows(len(data), batch, epoch, plan.seed)),
        loss=loss,
        evaluate=evaluate,
        truth=lambda model: judged(model, held_out)[0].item(),
        trivial=0.6931,
        guesses=guesses(plan, batch, 0.6931, 0.6931, {"val/accuracy": 0.5}),
        rate=5e-3 if plan.fault == "overfitting" else 3e-3,
        steps=2 * steps if plan.fault == "overfitting" else steps,
        batch_size=batch,
        per_epoch=len(data) // batch,
        evaluate_every=20,
        optimiser="adamw",
        body=("letter", "prompt", "body"),
        settings={"objective": "pairwise"},
    )
    run(plan, recorder, setup)


PROGRAM = Program(
    name="pair_reward",
    task="preference",
    split="test",
    faults=causes(
        "rate-x100", "rate-x1000", "rate-over-300", "all-frozen", "frozen-parameters", "missing-zero-grad", "sign-flipped",
        "labels-shuffled", "label-noise-40", "pairs-swapped", "dead-units", "init-zero", "weight-decay-10", "overfitting",
        "init-x10", "stopped-early",
    ),
    healthy=("sgd", "cosine", "clipped", "few-points", "small-decay"),
    train=train,
)  # fmt: skip

"""A small language policy tuned directly on pairs of texts, against a frozen reference."""

from __future__ import annotations

import copy

import torch
from benchmarks.accuracy.causing import causes
from benchmarks.accuracy.guessing import guesses
from benchmarks.accuracy.loop import Setup, run
from benchmarks.accuracy.pairs_of_texts import LENGTH, LETTERS, PROMPTS, Pairs, pairs, swapped_by
from benchmarks.accuracy.plan import Plan
from benchmarks.accuracy.program import Program
from benchmarks.accuracy.recorder import Recorder
from benchmarks.accuracy.shuffled import rows
from benchmarks.accuracy.stepping import seeded
from torch import Tensor, nn
from torch.nn import functional

BATCH, EPOCHS, BETA, WIDTH = 32, 3, 0.1, 32


class Policy(nn.Module):
    """Predicts each letter from the prompt, its place and the letter before it."""

    def __init__(self) -> None:
        super().__init__()
        self.prompt, self.letter = nn.Embedding(PROMPTS, WIDTH), nn.Embedding(LETTERS + 1, WIDTH)
        self.place = nn.Parameter(0.1 * torch.randn(LENGTH, WIDTH))
        self.mix, self.head = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, LETTERS)

    def forward(self, prompts: Tensor, texts: Tensor) -> Tensor:
        """Return the log probability of each letter of the texts (B, LENGTH)."""
        before = functional.pad(texts[:, :-1] + 1, (1, 0))
        hidden = self.prompt(prompts)[:, None] + self.letter(before) + self.place
        logits = self.head(hidden + functional.gelu(self.mix(hidden)))
        return logits.log_softmax(-1).gather(2, texts[..., None])[..., 0]


def _shown(prefix: str, chosen: Tensor, rejected: Tensor, logps: tuple[Tensor, Tensor]) -> dict[str, float]:
    return {
        f"{prefix}rewards/chosen": chosen.mean().item(),
        f"{prefix}rewards/rejected": rejected.mean().item(),
        f"{prefix}rewards/accuracies": (chosen > rejected).float().mean().item(),
        f"{prefix}rewards/margins": (chosen - rejected).mean().item(),
        f"{prefix}logps/chosen": logps[0].mean().item(),
        f"{prefix}logps/rejected": logps[1].mean().item(),
    }


def train(plan: Plan, recorder: Recorder) -> None:
    """Tune a random policy's copy on pairs."""
    draw = seeded(plan)
    data, held_out = swapped_by(plan.fault, pairs(3200, draw), draw), pairs(400, draw)
    policy = Policy()
    reference = Policy() if plan.fault == "reference-mismatch" else copy.deepcopy(policy)
    mask = 0.0 if plan.fault == "labels-masked-out" else 1.0

    def judged(model: nn.Module, part: Pairs, prefix: str) -> tuple[Tensor, dict[str, float]]:
        with torch.no_grad():
            fixed = [mask * reference(part.prompts, texts).sum(1) for texts in (part.chosen, part.rejected)]
        logps = [mask * model(part.prompts, texts).sum(1) for texts in (part.chosen, part.rejected)]
        chosen, rejected = (BETA * (now - then) for now, then in zip(logps, fixed, strict=True))
        loss = -functional.logsigmoid(chosen - rejected).mean()
        return loss, _shown(prefix, chosen.detach(), rejected.detach(), (logps[0].detach(), logps[1].detach()))

    def evaluate(model: nn.Module) -> dict[str, float]:
        loss, shown = judged(model, held_out, "val/")
        return {"val/loss": loss.item(), **shown}

    def truth(model: nn.Module) -> float:
        gains = [
            model(held_out.prompts, texts).sum(1) - start(held_out.prompts, texts).sum(1)
            for texts in (held_out.chosen, held_out.rejected)
        ]
        return -functional.logsigmoid(BETA * (gains[0] - gains[1])).mean().item()

    start = copy.deepcopy(policy)
    per_epoch = len(data) // BATCH
    setup = Setup(
        model=policy,
        batches=lambda epoch: (data[part] for part in rows(len(data), BATCH, epoch, plan.seed)),
        loss=lambda model, part: judged(model, part, "train/"),
        evaluate=evaluate,
        truth=truth,
        trivial=0.6931,
        guesses=guesses(plan, BATCH, 0.6931, 0.6931, {"val/rewards/accuracies": 0.5}),
        rate=2e-3,
        steps=EPOCHS * per_epoch,
        batch_size=BATCH,
        per_epoch=per_epoch,
        evaluate_every=30,
        schedule="cosine",
        log_every=3,
        body=("prompt", "letter", "place", "mix"),
        settings={"beta": BETA, "loss_type": "sigmoid"},
    )
    run(plan, recorder, setup)


PROGRAM = Program(
    name="pair_policy",
    task="preference",
    split="fit",
    faults=causes(
        "rate-x100", "rate-x1000", "rate-over-300", "rate-zero", "all-frozen", "missing-zero-grad", "sign-flipped",
        "labels-shuffled", "label-noise-40", "pairs-swapped", "labels-masked-out", "reference-mismatch",
    ),
    healthy=("clipped", "constant-rate", "warm-up", "few-points", "accumulation"),
    train=train,
    forms=("hf-lines", "hf-state", "jsonl", "tensorboard"),
)  # fmt: skip

"""Discs on textured ground, segmented with the sum of a Dice and a cross-entropy loss."""

from __future__ import annotations

import torch
from benchmarks.accuracy.causing import causes
from benchmarks.accuracy.guessing import dice_and_entropy, guesses
from benchmarks.accuracy.loop import Setup, run
from benchmarks.accuracy.plan import Plan
from benchmarks.accuracy.program import Program
from benchmarks.accuracy.recorder import Recorder
from benchmarks.accuracy.shuffled import batches
from benchmarks.accuracy.stepping import seeded
from torch import Tensor, nn
from torch.nn import functional

SIDE, BATCH, EPOCHS = 16, 16, 12


class Segmenter(nn.Module):
    """Three convolutions, the second dilated; one logit a pixel."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(1, 12, 3, padding=1), nn.ReLU(), nn.Conv2d(12, 12, 3, padding=2, dilation=2), nn.ReLU()
        )
        self.head = nn.Conv2d(12, 1, 3, padding=1)

    def forward(self, pictures: Tensor) -> Tensor:
        """Return logits of the pictures' shape."""
        logits: Tensor = self.head(self.body(pictures))
        return logits


def pictures(count: int, draw: torch.Generator, *, rare: bool) -> tuple[Tensor, Tensor]:
    """Return noisy pictures of one disc each, and its mask; ``rare`` discs are a few pixels on every eighth picture."""
    grid = torch.stack(torch.meshgrid(torch.arange(SIDE), torch.arange(SIDE), indexing="ij"), dim=-1).float()
    centre = 3 + (SIDE - 6) * torch.rand(count, 1, 1, 2, generator=draw)
    radius = 0.8 if rare else 2 + 3 * torch.rand(count, 1, 1, generator=draw)
    masks = ((grid - centre).norm(dim=-1) < radius).float()[:, None]
    if rare:
        masks[torch.arange(count) % 8 > 0] = 0
    return masks + 0.6 * torch.randn(count, 1, SIDE, SIDE, generator=draw), masks


def spoilt(masks: Tensor, fault: str) -> Tensor:
    """Return the masks as a faulty converter would write them."""
    if fault == "empty-ground-truth":
        return torch.zeros_like(masks)
    if fault == "labels-inverted":
        return 1 - masks
    return masks[torch.randperm(len(masks))] if fault == "labels-shuffled" else masks


def dice_loss(logits: Tensor, masks: Tensor) -> Tensor:
    """Return one minus the soft Dice coefficient, averaged over pictures."""
    chance = logits.sigmoid().flatten(1)
    truth = masks.flatten(1)
    return (1 - (2 * (chance * truth).sum(1) + 1e-6) / (chance.sum(1) + truth.sum(1) + 1e-6)).mean()


def _dice(model: nn.Module, inputs: Tensor, masks: Tensor) -> tuple[float, float]:
    """Return Dice and intersection over union of all pixels together."""
    found = model(inputs) > 0
    shared, both = float((found * masks).sum()), float(found.sum() + masks.sum())
    return 2 * shared / max(both, 1e-9), shared / max(both - shared, 1e-9)


def train(plan: Plan, recorder: Recorder) -> None:
    """Train; validation masks are clean, but for a converter that finds no object at all."""
    draw, rare = seeded(plan), plan.fault == "imbalance-99"
    inputs, masks = pictures(320, draw, rare=rare)
    seen, truth = pictures(96, draw, rare=False)
    masks = spoilt(masks, plan.fault)
    judged = torch.zeros_like(truth) if plan.fault == "empty-ground-truth" else truth
    with_dice = 0.0 if rare else 1.0  # cross-entropy alone: what makes rare pixels vanish

    def loss(model: nn.Module, batch: tuple[Tensor, Tensor]) -> tuple[Tensor, dict[str, float]]:
        logits = model(batch[0])
        dice, entropy = dice_loss(logits, batch[1]), functional.binary_cross_entropy_with_logits(logits, batch[1])
        return with_dice * dice + entropy, {"train/dice_loss": dice.item(), "train/bce_loss": entropy.item()}

    def evaluate(model: nn.Module) -> dict[str, float]:
        logits = model(seen)
        dice, entropy = dice_loss(logits, judged), functional.binary_cross_entropy_with_logits(logits, judged)
        score, iou = _dice(model, seen, judged)
        terms = {"val/dice_loss": dice.item(), "val/bce_loss": entropy.item(), "val/dice": score, "val/iou": iou}
        return {"val/loss": (with_dice * dice + entropy).item(), **terms}

    def level(truths: Tensor) -> float:
        return dice_and_entropy(float(truths.mean()), with_dice)

    setup = Setup(
        model=Segmenter(),
        batches=lambda epoch: batches((inputs, masks), BATCH, epoch, plan.seed),
        loss=loss,
        evaluate=evaluate,
        truth=lambda model: _dice(model, seen, truth)[0],
        trivial=float(2 * truth.mean() / (1 + truth.mean())),
        higher=True,
        guesses=guesses(plan, BATCH, level(masks), level(judged), {"val/dice": 0.0}),
        rate=5e-3,
        steps=EPOCHS * (len(inputs) // BATCH),
        batch_size=BATCH,
        per_epoch=len(inputs) // BATCH,
        log_every=2,
        body=("body",),
        poison=lambda batch: (batch[0] * torch.nan, batch[1]),
        settings={"loss": "dice + bce"},
    )
    run(plan, recorder, setup)


PROGRAM = Program(
    name="discs_mask",
    task="segmentation",
    split="test",
    faults=causes(
        "rate-x100", "rate-x1000", "rate-over-300", "rate-zero", "all-frozen", "missing-zero-grad", "sign-flipped", "clip-1e-4",
        "init-zero", "dead-units", "sum-reduction", "imbalance-99", "empty-ground-truth", "labels-inverted", "labels-shuffled",
        "nan-in-data", "schedule-ends-early", "momentum-999",
    ),
    healthy=("sgd", "cosine", "step-decay", "few-points", "half-precision"),
    train=train,
)  # fmt: skip

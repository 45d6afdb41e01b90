"""Coloured squares on a small canvas, found by queries that a set loss matches with them."""

from __future__ import annotations

import torch
from benchmarks.accuracy.boxes import average_precision
from benchmarks.accuracy.causing import causes
from benchmarks.accuracy.guessing import guesses
from benchmarks.accuracy.loop import Setup, run
from benchmarks.accuracy.plan import Plan
from benchmarks.accuracy.program import Program
from benchmarks.accuracy.recorder import Recorder
from benchmarks.accuracy.set_loss import IN_ALL_FILES, Objects, Terms, set_loss, spoilt
from benchmarks.accuracy.shuffled import rows
from benchmarks.accuracy.stepping import seeded
from torch import Tensor, nn

SIDE, COLOURS, QUERIES, MOST = 16, 3, 5, 2
BATCH, EPOCHS = 32, 20
GUESS = 4.1  # the loss of the same class and box for every picture, as a run with shuffled labels finds it
FULL_WIDTH = 512.0  # the pixels of the picture that the canvas was made from


class Detector(nn.Module):
    """Two convolutions, one hidden layer, and a class and a box for each query."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(3, 24, 3, 2, 1), nn.ReLU(), nn.Conv2d(24, 32, 3, 2, 1), nn.ReLU(), nn.Flatten(),
            nn.Linear(32 * (SIDE // 4) ** 2, 128), nn.ReLU(),
        )  # fmt: skip
        self.classes = nn.Linear(128, QUERIES * (COLOURS + 1))
        self.boxes = nn.Linear(128, QUERIES * 4)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Return (B, Q, C + 1) logits and (B, Q, 4) boxes."""
        hidden = self.body(pictures)
        logits = self.classes(hidden).unflatten(1, (QUERIES, COLOURS + 1))
        return logits, self.boxes(hidden).unflatten(1, (QUERIES, 4)).sigmoid()


def pictures(count: int, draw: torch.Generator) -> Objects:
    """Return canvases with one or two squares of three colours in front of faint noise."""
    size = torch.randint(4, 8, (count, MOST), generator=draw)
    place = (torch.rand(count, MOST, 2, generator=draw) * (SIDE - size[..., None] + 1)).long()
    colour = torch.randint(0, COLOURS, (count, MOST), generator=draw)
    counts = torch.randint(1, MOST + 1, (count,), generator=draw)
    canvas = 0.1 * torch.randn(count, 3, SIDE, SIDE, generator=draw)
    for row in range(count):
        for which in range(int(counts[row])):
            (x, y), s = place[row, which].tolist(), int(size[row, which])
            canvas[row, :, y : y + s, x : x + s] = 0.0
            canvas[row, int(colour[row, which]), y : y + s, x : x + s] = 1.0
    extent = size[..., None].float().expand(-1, -1, 2)
    return Objects(canvas, colour, torch.cat([place + extent / 2, extent], dim=-1) / SIDE, counts)


def _named(terms: Terms, split: str, by: float = 1.0) -> dict[str, float]:
    return {
        f"{split}/loss": by * terms.total.item(),
        f"{split}/loss_ce": by * terms.classes.item(),
        f"{split}/loss_bbox": by * terms.distance.item(),
        f"{split}/loss_giou": by * terms.overlap.item(),
        f"{split}/class_error": terms.class_error,
    }


def _precision(model: nn.Module, held_out: Objects) -> float:
    logits, boxes = model(held_out.inputs)
    return average_precision(logits.softmax(-1), boxes, held_out.classes, held_out.boxes, held_out.counts)


def train(plan: Plan, recorder: Recorder) -> None:
    """Train, and log every term of the loss at every step."""
    draw = seeded(plan)
    clean, data = pictures(128, draw), spoilt(pictures(512, draw), plan.fault, FULL_WIDTH)
    held_out = spoilt(clean, plan.fault, FULL_WIDTH) if plan.fault in IN_ALL_FILES else clean

    by = BATCH if plan.fault == "sum-reduction" else 1.0  # the loop sums the loss; its terms are summed likewise

    def loss(model: nn.Module, part: Objects) -> tuple[Tensor, dict[str, float]]:
        terms = set_loss(*model(part.inputs), part)
        named = _named(terms, "train", by)
        del named["train/loss"]
        return terms.total, named

    def evaluate(model: nn.Module) -> dict[str, float]:
        judged = clean if plan.fault == "boxes-as-corners" else held_out
        return {
            **_named(set_loss(*model(held_out.inputs), held_out), "val", by),
            "val/map_50": _precision(model, judged),
        }

    setup = Setup(
        model=Detector(),
        batches=lambda epoch: (data[part] for part in rows(len(data), BATCH, epoch, plan.seed)),
        loss=loss,
        evaluate=evaluate,
        truth=lambda model: _precision(model, clean),
        trivial=0.0,
        higher=True,
        guesses=guesses(plan, BATCH, GUESS, by * GUESS, {"val/map_50": 0.0}),
        rate=2e-3,
        steps=EPOCHS * (len(data) // BATCH),
        batch_size=BATCH,
        per_epoch=len(data) // BATCH,
        schedule="cosine",
        body=("body",),
        settings={"num_queries": QUERIES, "bbox_loss_coef": 5.0, "giou_loss_coef": 2.0, "eos_coef": 0.1},
    )
    run(plan, recorder, setup)


PROGRAM = Program(
    name="squares_set",
    task="detection",
    split="fit",
    faults=causes(
        "rate-x100", "rate-x1000", "rate-over-300", "rate-zero", "all-frozen", "missing-zero-grad", "sign-flipped",
        "weight-decay-10", "init-zero", "sum-reduction", "boxes-in-pixels", "boxes-as-corners", "empty-ground-truth",
        "labels-shifted", "labels-shuffled",
    ),
    healthy=("sgd", "adam", "clipped", "constant-rate", "step-decay", "resumed"),
    train=train,
)  # fmt: skip

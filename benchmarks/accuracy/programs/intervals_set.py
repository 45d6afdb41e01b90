"""Bumps in a noisy signal, found as intervals by queries with two layers of answers and a set loss for each."""

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

LENGTH, KINDS, QUERIES, MOST, WIDTH = 64, 2, 6, 3, 96
BATCH, EPOCHS = 24, 16
GUESS = 1.93  # the loss of one layer that answers alike for every signal, as a run with shuffled labels finds it
FULL_LENGTH = 16_000.0  # the samples of the recording that the signal was made from


class Finder(nn.Module):
    """Two layers, each of which answers for every query."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Linear(LENGTH, WIDTH), nn.LayerNorm(WIDTH), nn.GELU(), nn.Linear(WIDTH, WIDTH), nn.GELU()
        )
        self.layers = nn.ModuleList(nn.Sequential(nn.Linear(WIDTH, WIDTH), nn.GELU()) for _ in range(2))
        self.answers = nn.ModuleList(nn.Linear(WIDTH, QUERIES * (KINDS + 3)) for _ in range(2))

    def forward(self, signals: Tensor) -> list[tuple[Tensor, Tensor]]:
        """Return for each layer (B, Q, K + 1) logits and (B, Q, 2) intervals, the last layer's last."""
        hidden, found = self.body(signals), []
        for layer, answer in zip(self.layers, self.answers, strict=True):
            hidden = hidden + layer(hidden)
            logits, spans = answer(hidden).unflatten(1, (QUERIES, KINDS + 3)).split([KINDS + 1, 2], dim=-1)
            found.append((logits, spans.sigmoid()))
        return found


def signals(count: int, draw: torch.Generator) -> Objects:
    """Return signals with one to three bumps, boxes or ramps, that do not overlap."""
    third = LENGTH // MOST
    size = torch.randint(8, third - 2, (count, MOST), generator=draw)
    offset = (torch.rand(count, MOST, generator=draw) * (third - size)).long() + third * torch.arange(MOST)
    kind = torch.randint(0, KINDS, (count, MOST), generator=draw)
    counts = torch.randint(1, MOST + 1, (count,), generator=draw)
    signal = 0.15 * torch.randn(count, LENGTH, generator=draw)
    for row in range(count):
        for which in range(int(counts[row])):
            at, wide = int(offset[row, which]), int(size[row, which])
            shape = torch.ones(wide) if kind[row, which] == 0 else -torch.linspace(0.5, 1.5, wide)
            signal[row, at : at + wide] += shape
    spans = torch.stack([offset + size / 2, size.float()], dim=-1) / LENGTH
    return Objects(signal, kind, spans, counts)


def _named(terms: Terms, prefix: str) -> dict[str, float]:
    return {
        f"{prefix}cls_loss": terms.classes.item(),
        f"{prefix}l1_loss": terms.distance.item(),
        f"{prefix}iou_loss": terms.overlap.item(),
    }


def _precision(model: nn.Module, held_out: Objects) -> float:
    logits, spans = model(held_out.inputs)[-1]
    return average_precision(logits.softmax(-1), spans, held_out.classes, held_out.boxes, held_out.counts)


def train(plan: Plan, recorder: Recorder) -> None:
    """Train on the sum over both layers; validate on the last layer alone, as many programs do."""
    draw = seeded(plan)
    clean, data = signals(160, draw), spoilt(signals(480, draw), plan.fault, FULL_LENGTH)
    held_out = spoilt(clean, plan.fault, FULL_LENGTH) if plan.fault in IN_ALL_FILES else clean

    def loss(model: nn.Module, part: Objects) -> tuple[Tensor, dict[str, float]]:
        first, last = (set_loss(logits, spans, part, empty_weight=0.2) for logits, spans in model(part.inputs))
        return first.total + last.total, {**_named(last, "train/"), **_named(first, "train/aux0_")}

    def evaluate(model: nn.Module) -> dict[str, float]:
        logits, spans = model(held_out.inputs)[-1]
        terms = set_loss(logits, spans, held_out, empty_weight=0.2)
        judged = clean if plan.fault == "boxes-as-corners" else held_out
        return {"val/loss": terms.total.item(), **_named(terms, "val/"), "val/AP50": 100 * _precision(model, judged)}

    setup = Setup(
        model=Finder(),
        batches=lambda epoch: (data[part] for part in rows(len(data), BATCH, epoch, plan.seed)),
        loss=loss,
        evaluate=evaluate,
        truth=lambda model: _precision(model, clean),
        trivial=0.0,
        higher=True,
        guesses=guesses(plan, BATCH, 2 * GUESS, GUESS, {"val/AP50": 0.0}),
        rate=1e-3,
        steps=EPOCHS * (len(data) // BATCH),
        batch_size=BATCH,
        per_epoch=len(data) // BATCH,
        log_every=5,
        optimiser="adamw",
        body=("body", "layers"),
        settings={"num_queries": QUERIES, "aux_loss": True},
    )
    run(plan, recorder, setup)


PROGRAM = Program(
    name="intervals_set",
    task="detection",
    split="test",
    faults=causes(
        "rate-x100", "rate-x1000", "rate-over-300", "all-frozen", "frozen-parameters", "missing-zero-grad", "sign-flipped",
        "init-zero", "sum-reduction", "boxes-in-pixels", "boxes-as-corners", "empty-ground-truth", "labels-shifted",
        "labels-shuffled",
    ),
    healthy=("cosine", "clipped", "warm-up", "resumed"),
    train=train,
)  # fmt: skip

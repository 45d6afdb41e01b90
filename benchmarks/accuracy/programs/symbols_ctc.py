"""Sequences of symbols in noisy frames, transcribed with connectionist temporal classification."""

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

SYMBOLS, FRAMES, FEATURES, LONGEST, WIDTH = 6, 24, 10, 5, 32
BATCH, EPOCHS = 32, 26
GUESS = 2.33  # the loss of the same frames for every recording, as a run with shuffled texts finds it


class Listener(nn.Module):
    """Two convolutions over time and one linear layer; class 0 is the blank."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv1d(FEATURES, WIDTH, 3, padding=1), nn.ReLU(), nn.Conv1d(WIDTH, WIDTH, 3, padding=1), nn.ReLU()
        )
        self.head = nn.Conv1d(WIDTH, SYMBOLS + 1, 1)

    def forward(self, frames: Tensor) -> Tensor:
        """Return log probabilities (FRAMES, B, SYMBOLS + 1)."""
        return self.head(self.body(frames)).permute(2, 0, 1).log_softmax(-1)


def recordings(count: int, draw: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Return frames (N, FEATURES, FRAMES), symbols (N, LONGEST) from 1, and how many of them are spoken."""
    sound = torch.randn(SYMBOLS, FEATURES, 3, generator=torch.Generator().manual_seed(3))
    symbols = torch.randint(1, SYMBOLS + 1, (count, LONGEST), generator=draw)
    spoken = torch.randint(2, LONGEST + 1, (count,), generator=draw)
    frames = 0.5 * torch.randn(count, FEATURES, FRAMES, generator=draw)
    for place in range(LONGEST):
        at = 1 + 4 * place + torch.randint(0, 2, (count,), generator=draw)
        for row in torch.nonzero(spoken > place)[:, 0].tolist():
            frames[row, :, int(at[row]) : int(at[row]) + 3] += sound[symbols[row, place] - 1]
    return frames, symbols, spoken


def ctc(model: nn.Module, frames: Tensor, symbols: Tensor, spoken: Tensor) -> Tensor:
    """Return the loss, divided by the length of the texts and averaged over them."""
    length = torch.full((len(frames),), FRAMES)
    return functional.ctc_loss(model(frames), symbols, length, spoken, blank=0, zero_infinity=True)


def _distance(first: list[int], second: list[int]) -> int:
    row = list(range(len(second) + 1))
    for place, letter in enumerate(first, 1):
        last, row[0] = row[0], place
        for other, known in enumerate(second, 1):
            last, row[other] = row[other], min(row[other] + 1, row[other - 1] + 1, last + (letter != known))
    return row[-1]


def error_rate(model: nn.Module, frames: Tensor, symbols: Tensor, spoken: Tensor) -> float:
    """Return edits per symbol of the greedy transcript."""
    edits = 0
    for best, text, many in zip(model(frames).argmax(-1).T.tolist(), symbols.tolist(), spoken.tolist(), strict=True):
        heard = [s for s, before in zip(best, [0, *best[:-1]], strict=True) if s not in {0, before}]
        edits += _distance(heard, text[:many])
    return edits / int(spoken.sum())


def train(plan: Plan, recorder: Recorder) -> None:
    """Train, and transcribe the held-out recordings once an epoch."""
    draw = seeded(plan)
    frames, symbols, spoken = recordings(480, draw)
    seen, truth, many = recordings(96, draw)
    if plan.fault == "labels-shuffled":
        order = torch.randperm(len(symbols))
        symbols, spoken = symbols[order], spoken[order]
    if plan.fault == "labels-shifted":
        symbols = symbols % SYMBOLS + 1
    if plan.fault == "labels-masked-out":
        spoken = torch.zeros_like(spoken)
    if plan.fault == "inputs-x255":
        frames, seen = 255 * frames, 255 * seen

    def evaluate(model: nn.Module) -> dict[str, float]:
        return {"val/loss": ctc(model, seen, truth, many).item(), "val/cer": error_rate(model, seen, truth, many)}

    setup = Setup(
        model=Listener(),
        batches=lambda epoch: batches((frames, symbols, spoken), BATCH, epoch, plan.seed),
        loss=lambda model, batch: (ctc(model, *batch), {}),
        evaluate=evaluate,
        truth=lambda model: error_rate(model, seen, truth, many),
        trivial=1.0,
        guesses=guesses(plan, BATCH, GUESS, GUESS, {"val/cer": 1.0}),
        rate=4e-3,
        clip=5.0,
        steps=EPOCHS * (480 // BATCH),
        batch_size=BATCH,
        per_epoch=480 // BATCH,
        body=("body",),
        poison=lambda batch: (batch[0] * torch.nan, *batch[1:]),
        settings={"loss": "ctc", "vocab_size": SYMBOLS + 1, "blank": 0},
    )
    run(plan, recorder, setup)


PROGRAM = Program(
    name="symbols_ctc",
    task="transcription",
    split="test",
    faults=causes(
        "rate-x100", "rate-x1000", "rate-over-300", "all-frozen", "missing-zero-grad", "sign-flipped", "init-zero", "dead-units",
        "sum-reduction", "inputs-x255", "labels-shuffled", "labels-shifted", "labels-masked-out", "nan-in-data",
        "stopped-early", "schedule-not-stepped",
    ),
    healthy=("clipped", "few-points", "resumed", "running-mean"),
    train=train,
)  # fmt: skip

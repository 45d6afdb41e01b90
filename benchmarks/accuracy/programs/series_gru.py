"""The next values of a noisy sum of waves, by a recurrent network: smooth L1, AdamW with a cosine."""

from __future__ import annotations

from functools import lru_cache

import torch
from benchmarks.accuracy.arrays import ARRAY_FAULTS, Pair, poison, prepared, spoil
from benchmarks.accuracy.faults import causes_of
from benchmarks.accuracy.loop import LOOP_FAULTS, LOOP_HEALTHY, Setup, run
from benchmarks.accuracy.plan import Plan
from benchmarks.accuracy.program import Program
from benchmarks.accuracy.recorder import Recorder
from benchmarks.accuracy.regressing import NUMBER_FAULTS, Numbers, raw
from torch import Tensor, nn

BATCH, WINDOW, AHEAD = 32, 20, 5


@lru_cache(maxsize=1)
def _data() -> tuple[Pair, Pair]:
    """Windows of one long series, and the value some steps after each; the end of the series is held out."""
    chance = torch.Generator().manual_seed(31)
    time = torch.arange(2400.0)
    wave = torch.sin(time / 3.1) + 0.6 * torch.sin(time / 7.7 + 1) + 0.4 * torch.sin(time / 1.9)
    series = wave + 0.15 * torch.randn(2400, generator=chance)
    series = (series - series.mean()) / series.std()
    places = torch.arange(0, 2400 - WINDOW - AHEAD)
    inputs = series[places[:, None] + torch.arange(WINDOW)]
    targets = series[places + WINDOW - 1 + AHEAD]
    return (inputs[:1900], targets[:1900]), (inputs[1930:], targets[1930:])


def _seen(plan: Plan, pair: Pair) -> Pair:
    """A window that already holds the value to be predicted, where the target leaks."""
    return (torch.cat([pair[0][:, 1:], pair[1][:, None]], 1), pair[1]) if plan.fault == "target-leak" else pair


class _Recurrent(nn.Module):
    def __init__(self, plan: Plan) -> None:
        super().__init__()
        width = 1 if plan.fault == "model-too-small" else 24
        self.cell = nn.GRU(1, width, batch_first=True)
        self.drop = nn.Dropout(
            0.6 if plan.fault == "train-mode-at-evaluation" else 0.05 if plan.healthy == "dropout" else 0.0
        )
        self.head = nn.Linear(width, 1)

    def forward(self, inputs: Tensor) -> Tensor:
        """Return one number per window."""
        states, _ = self.cell(inputs[..., None])
        found: Tensor = self.head(self.drop(states[:, -1]))[:, 0]
        return found


def train(plan: Plan, recorder: Recorder) -> None:
    """Train as planned."""
    torch.manual_seed(700 + plan.seed)
    data = prepared(plan, *(raw(plan, _seen(plan, pair)) for pair in _data()), batch_size=BATCH)
    task, clean = Numbers(plan, "smooth_l1"), raw(plan, _data()[1])
    spread = float(data.val[1].std())
    guess = float(task.between(torch.full_like(data.val[1], float(data.val[1].median())), data.val[1]))
    recorder.fact(loss="smooth_l1", target_std=spread, num_samples=len(data.train[0]))
    setup = Setup(
        model=_Recurrent(plan),
        batches=data.batches,
        loss=task.loss,
        evaluate=lambda model: task.evaluate(model, data.val),
        truth=lambda model: task.truth(model, data.truth if plan.fault == "inputs-x255" else clean),
        trivial=0.0,
        higher=True,
        guesses={"train/loss": guess, "val/loss": guess, "val/r2": 0.0},
        rate=2e-2,
        steps=600 if plan.fault == "overfitting" else 295,
        batch_size=data.batch_size,
        per_epoch=data.per_epoch,
        evaluate_every=min(59, 30 if plan.fault == "overfitting" else 59),
        optimiser="adamw",
        schedule="cosine",
        log_every=4,
        body=("cell",),
        poison=poison,
        spoil=spoil,
        settings={"loss": "smooth_l1", "window": WINDOW, "horizon": AHEAD},
    )
    run(plan, recorder, setup)


PROGRAM = Program(
    name="series_gru",
    task="regression",
    split="test",
    faults=causes_of(*LOOP_FAULTS, *ARRAY_FAULTS, *NUMBER_FAULTS, "train-mode-at-evaluation", "model-too-small"),
    healthy=(*LOOP_HEALTHY, "dropout", "small-batch"),
    train=train,
)

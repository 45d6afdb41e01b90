"""A pretrained small language model is tuned on phrases of a new domain, in schedules and ways that leave odd curves."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import final

import torch
from benchmarks.accuracy.plan import Plan
from benchmarks.accuracy.program import Program
from benchmarks.accuracy.recorder import Recorder
from benchmarks.accuracy.shuffled import rows
from benchmarks.accuracy.stepping import seeded
from torch import Tensor, nn
from torch.nn import functional

LETTERS, LENGTH, WIDTH = 12, 16, 48
BATCH, PHRASES, EPOCHS = 16, 640, 4


class Tuned(nn.Module):
    """Predicts a letter from the two before it, plus what a table remembers of the four before it."""

    def __init__(self) -> None:
        super().__init__()
        self.letter = nn.Embedding(LETTERS, WIDTH)
        self.body = nn.Sequential(nn.Linear(2 * WIDTH, WIDTH), nn.GELU(), nn.Linear(WIDTH, LETTERS))
        self.memory = nn.Embedding(LETTERS**4, LETTERS, sparse=True)
        nn.init.zeros_(self.memory.weight)

    def forward(self, texts: Tensor) -> Tensor:
        """Return logits (B, LENGTH - 4, LETTERS) of every letter after the fourth."""
        parts = [texts[:, place : texts.shape[1] - 4 + place] for place in range(4)]
        slot = torch.stack([part * LETTERS**power for power, part in enumerate(parts)]).sum(0)
        near = torch.cat([self.letter(parts[2]), self.letter(parts[3])], dim=-1)
        logits: Tensor = self.body(near) + self.memory(slot)
        return logits


def phrases(count: int, draw: torch.Generator, *, domain: int, wild: float = 0.1) -> Tensor:
    """Return texts of a Markov chain of second order; ``wild`` of the letters are random."""
    fixed = torch.Generator().manual_seed(domain)
    following = (2.2 * torch.randn(LETTERS, LETTERS, LETTERS, generator=fixed)).softmax(-1)
    texts = torch.randint(0, LETTERS, (count, LENGTH), generator=draw)
    for place in range(2, LENGTH):
        chance = following[texts[:, place - 2], texts[:, place - 1]]
        letter = torch.multinomial(chance, 1, generator=draw)[:, 0]
        texts[:, place] = torch.where(torch.rand(count, generator=draw) < wild, texts[:, place], letter)
    return texts


def _loss(model: nn.Module, texts: Tensor) -> Tensor:
    return functional.cross_entropy(model(texts).flatten(0, 1), texts[:, 4:].flatten())


@final
@dataclass(frozen=True, slots=True)
class Way:
    """How one kind of run goes: peak rate, share of the peak at each share of the run, and the memory's own rate."""

    rate: float
    shape: str = "constant"
    memory: float = 0.0

    def share(self, done: float) -> float:
        """Return the factor of the peak rate when ``done`` of the run is done."""
        if self.shape == "restarts":
            return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * ((3 * done) % 1.0)))
        if self.shape == "wsd":
            return min(1.0, done / 0.05 + 0.01, max(0.0, (1 - done) / 0.15))
        if self.shape == "hump":
            return min(1.0, done / 0.12 + 0.01) if done < 0.12 else max(0.0, (1 - done) / 0.88)
        return 0.5 * (1 + math.cos(math.pi * done)) if self.shape == "cosine" else 1.0


WAYS = {
    "plain": Way(3e-3, "cosine"),
    "staircase": Way(3e-3, "cosine", memory=60.0),
    "stable-then-decay": Way(1e-2, "wsd"),
    "warm-restarts": Way(1e-2, "restarts"),
    "warm-up-hump": Way(4e-2, "hump"),
    "rewound": Way(3e-3, "cosine"),
    "growing-difficulty": Way(3e-3, "cosine"),
    "perplexity-only": Way(3e-3, "cosine"),
}


@dataclass
class Tuning:
    """One run while it goes on."""

    plan: Plan
    way: Way
    model: Tuned
    texts: list[Tensor]
    total: int

    def __post_init__(self) -> None:
        dense = [*self.model.letter.parameters(), *self.model.body.parameters()]
        self.optimiser = torch.optim.AdamW(dense, lr=self.way.rate)
        self.memory = torch.optim.SGD(self.model.memory.parameters(), lr=self.way.memory)

    def step(self, step: int, texts: Tensor) -> dict[str, float]:
        """Take one step, and return what is logged of it."""
        rate = self.way.rate * self.plan.rate * self.way.share(step / self.total)
        self.optimiser.param_groups[0]["lr"] = rate
        loss = _loss(self.model, texts)
        self.model.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        norm = nn.utils.clip_grad_norm_(self.optimiser.param_groups[0]["params"], 1.0)
        self.optimiser.step()
        if self.way.memory:
            self.memory.step()
        return {"train/loss": loss.item(), "lr": rate, "grad_norm": float(norm)}

    def batches(self) -> Iterator[tuple[int, Tensor]]:
        """Yield the steps and their texts; harder texts stage by stage where difficulty grows."""
        step, epoch = 0, 0
        while step < self.total:
            stage = min(len(self.texts) - 1, len(self.texts) * step // self.total)
            for part in rows(len(self.texts[stage]), BATCH, epoch, self.plan.seed):
                if step >= self.total:
                    return
                yield step, self.texts[stage][part]
                step += 1
            epoch += 1


def _start(draw: torch.Generator) -> Tuned:
    """Return a model that was pretrained on a domain half of which is the new one's."""
    model = Tuned()
    dense = [*model.letter.parameters(), *model.body.parameters()]
    optimiser = torch.optim.AdamW(dense, lr=6e-3)
    texts = torch.cat([phrases(1200, draw, domain=7), phrases(600, draw, domain=8)])
    for part in torch.randint(0, len(texts), (120, 48)):
        loss = _loss(model, texts[part])
        model.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    return model


def train(plan: Plan, recorder: Recorder) -> None:
    """Tune in the planned way, with an evaluation every quarter of an epoch."""
    draw = seeded(plan)
    kind = plan.healthy or "plain"
    held = phrases(200, draw, domain=8)
    texts = [
        phrases(PHRASES, draw, domain=8, wild=w)
        for w in ((0.0, 0.06, 0.12) if kind == "growing-difficulty" else (0.1,))
    ]
    model, per_epoch = _start(draw), PHRASES // BATCH
    total = max(per_epoch, round(EPOCHS * per_epoch * plan.length))
    level = math.log(LETTERS)
    recorder.setting(
        learning_rate=WAYS[kind].rate * plan.rate, batch_size=BATCH, vocab_size=LETTERS, schedule=WAYS[kind].shape
    )
    recorder.guess({"train/loss": level, "val/loss": level})
    tuning = Tuning(plan, WAYS[kind], model, texts, total)
    kept, back = None, total // 2
    given = list(tuning.batches())
    order = [*range(total * 3 // 5), *range(back, total)] if kind == "rewound" else range(total)
    for count, place in enumerate(order):
        if kind == "rewound" and place == back:
            if kept is None:
                kept = copy.deepcopy((model.state_dict(), tuning.optimiser.state_dict()))
            elif count > place:
                model.load_state_dict(kept[0])
                tuning.optimiser.load_state_dict(kept[1])
        told = tuning.step(*given[place])
        _log(recorder, kind, place, told, per_epoch)
        if place % (per_epoch // 4) == 0 or place == total - 1:
            with torch.no_grad():
                value = _loss(model, held).item()
            named = {"val/perplexity": math.exp(value)} if kind == "perplexity-only" else {"val/loss": value}
            recorder.log(place, named, epoch=place / per_epoch)
    with torch.no_grad():
        recorder.outcome(_loss(model, held).item(), trivial=level)


def _log(recorder: Recorder, kind: str, step: int, told: dict[str, float], per_epoch: int) -> None:
    if kind == "perplexity-only":
        told = {"train/perplexity" if name == "train/loss" else name: value for name, value in told.items()}
        told["train/perplexity"] = math.exp(told["train/perplexity"])
    recorder.log(step, told, epoch=step / per_epoch)


PROGRAM = Program(
    name="phrases_tuning",
    task="language_model",
    split="test",
    faults={},
    healthy=tuple(kind for kind in WAYS if kind != "plain"),
    train=train,
    forms=("hf-lines", "hf-state", "jsonl", "tensorboard"),
)

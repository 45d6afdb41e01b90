"""A character language model by a recurrent network: Adam at a constant rate, sequences of 24, logged per token in bits too."""

from __future__ import annotations

import math

import torch
from benchmarks.accuracy.data import text
from benchmarks.accuracy.faults import causes_of
from benchmarks.accuracy.loop import LOOP_FAULTS, LOOP_HEALTHY, Setup, run
from benchmarks.accuracy.modelling import TEXT_FAULTS, Corpus, NextToken, garbage
from benchmarks.accuracy.plan import Plan
from benchmarks.accuracy.program import Program
from benchmarks.accuracy.recorder import Recorder
from torch import Tensor, nn

CONTEXT, WIDTH = 24, 48


class _Recurrent(nn.Module):
    def __init__(self, plan: Plan) -> None:
        super().__init__()
        width = 3 if plan.fault == "model-too-small" else WIDTH
        self.words = nn.Embedding(text.VOCABULARY, 16)
        self.leak = plan.fault == "target-leak"
        self.cell = nn.GRU(16, width, batch_first=True, bidirectional=self.leak)
        self.drop = nn.Dropout(
            0.5 if plan.fault == "train-mode-at-evaluation" else 0.1 if plan.healthy == "dropout" else 0.0
        )
        self.head = nn.Linear(width * (2 if self.leak else 1), text.VOCABULARY)

    def forward(self, inputs: Tensor) -> Tensor:
        """Return logits, (batch, context, vocabulary); read in both directions, the answer is seen before it is asked."""
        states, _ = self.cell(self.words(inputs))
        logits: Tensor = self.head(self.drop(states))
        return logits


def train(plan: Plan, recorder: Recorder) -> None:
    """Train as planned."""
    torch.manual_seed(300 + plan.seed)
    corpus = Corpus(plan=plan, context=CONTEXT, batch_size=20, size=30_000)
    task = NextToken(plan, corpus)
    trivial = text.unigram_entropy(corpus.held)
    recorder.fact(vocab_size=text.VOCABULARY, loss="cross_entropy", context=CONTEXT)
    setup = Setup(
        model=_Recurrent(plan),
        batches=corpus.batches,
        loss=lambda model, batch: _bits(task.loss(model, batch)[0]),
        evaluate=lambda model: _perplexity(task.evaluate(model)),
        truth=task.truth,
        trivial=trivial,
        guesses={"train/loss": trivial, "val/loss": trivial},
        rate=8e-3,
        steps=420 if plan.fault == "overfitting" else 260,
        batch_size=20,
        per_epoch=corpus.per_epoch,
        log_every=4,
        evaluate_every=20,
        body=("words", "cell"),
        spoil=garbage,
        settings={"seq_len": CONTEXT, "hidden_size": WIDTH, "vocab_size": text.VOCABULARY},
    )
    run(plan, recorder, setup)


def _bits(loss: Tensor) -> tuple[Tensor, dict[str, float]]:
    return loss, {"train/bpc": loss.item() / math.log(2)}


def _perplexity(metrics: dict[str, float]) -> dict[str, float]:
    loss = metrics["val/loss"]
    return {
        "val/loss": loss,
        "val/perplexity": math.exp(loss) if loss < 50 else math.inf,
        "val/accuracy": metrics["val/accuracy"],
    }


PROGRAM = Program(
    name="char_gru",
    task="language_model",
    split="test",
    faults=causes_of(
        *(fault for fault in LOOP_FAULTS if fault != "nan-in-data"),
        *TEXT_FAULTS,
        "train-mode-at-evaluation",
        "model-too-small",
    ),
    healthy=(*LOOP_HEALTHY, "label-smoothing", "dropout"),
    forms=("nanogpt", "jsonl", "step-lines", "epoch-lines", "tensorboard", "lightning-csv", "tqdm"),
    train=train,
)

"""A character language model: one transformer layer, AdamW, warm-up and cosine, clipping at 1."""

from __future__ import annotations

import torch
from benchmarks.accuracy.data import text
from benchmarks.accuracy.faults import causes_of
from benchmarks.accuracy.loop import LOOP_FAULTS, LOOP_HEALTHY, Setup, run
from benchmarks.accuracy.modelling import TEXT_FAULTS, Corpus, NextToken, garbage
from benchmarks.accuracy.plan import Plan
from benchmarks.accuracy.program import Program
from benchmarks.accuracy.recorder import Recorder
from torch import Tensor, nn

CONTEXT, WIDTH = 32, 32


class _Transformer(nn.Module):
    def __init__(self, plan: Plan) -> None:
        super().__init__()
        width = 4 if plan.fault == "model-too-small" else WIDTH
        drop = 0.5 if plan.fault == "train-mode-at-evaluation" else 0.1 if plan.healthy == "dropout" else 0.0
        self.causal = plan.fault != "target-leak"
        self.words = nn.Embedding(text.VOCABULARY, width)
        self.places = nn.Embedding(CONTEXT, width)
        self.norm1, self.norm2, self.norm3 = nn.LayerNorm(width), nn.LayerNorm(width), nn.LayerNorm(width)
        self.mix = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.wide = nn.Sequential(nn.Linear(width, 4 * width), nn.ReLU(), nn.Linear(4 * width, width))
        self.drop = nn.Dropout(drop)
        self.head = nn.Linear(width, text.VOCABULARY)

    def forward(self, inputs: Tensor) -> Tensor:
        """Return logits, (batch, context, vocabulary)."""
        flow = self.words(inputs) + self.places(torch.arange(inputs.shape[1]))
        query, key, value = self.mix(self.norm1(flow)).unflatten(-1, (3, 2, -1)).permute(2, 0, 3, 1, 4)
        attended = nn.functional.scaled_dot_product_attention(query, key, value, is_causal=self.causal)
        flow = flow + self.drop(self.out(attended.transpose(1, 2).flatten(2)))
        flow = flow + self.drop(self.wide(self.norm2(flow)))
        logits: Tensor = self.head(self.norm3(flow))
        return logits


def train(plan: Plan, recorder: Recorder) -> None:
    """Train as planned."""
    torch.manual_seed(200 + plan.seed)
    corpus = Corpus(plan=plan, context=CONTEXT, batch_size=16)
    task = NextToken(plan, corpus)
    trivial = text.unigram_entropy(corpus.held)
    recorder.fact(vocab_size=text.VOCABULARY, loss="cross_entropy", context=CONTEXT)
    setup = Setup(
        model=_Transformer(plan),
        batches=corpus.batches,
        loss=task.loss,
        evaluate=task.evaluate,
        truth=task.truth,
        trivial=trivial,
        guesses={"train/loss": trivial, "val/loss": trivial},
        rate=2e-2,
        steps=600 if plan.fault == "overfitting" else 360,
        batch_size=16,
        per_epoch=corpus.per_epoch,
        optimiser="adamw",
        schedule="warm-up",
        clip=1.0,
        log_every=2,
        evaluate_every=30,
        body=("words", "places", "mix", "out", "wide"),
        spoil=garbage,
        settings={
            "block_size": CONTEXT,
            "n_layer": 1,
            "n_embd": WIDTH,
            "vocab_size": text.VOCABULARY,
            "lr_scheduler": "cosine",
        },
    )
    run(plan, recorder, setup)


PROGRAM = Program(
    name="char_transformer",
    task="language_model",
    split="fit",
    faults=causes_of(
        *(fault for fault in LOOP_FAULTS if fault != "nan-in-data"),
        *TEXT_FAULTS,
        "train-mode-at-evaluation",
        "model-too-small",
        "dead-units",
    ),
    healthy=(*LOOP_HEALTHY, "label-smoothing", "dropout"),
    forms=("nanogpt", "jsonl", "hf-lines", "hf-state", "tensorboard", "lightning-csv", "step-lines"),
    train=train,
)

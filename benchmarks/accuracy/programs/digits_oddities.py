"""Digits in healthy trainings that look odd: what a careful engineer would let go on."""

from __future__ import annotations

import torch
from benchmarks.accuracy.loop import Setup, run
from benchmarks.accuracy.plan import Plan
from benchmarks.accuracy.program import Program
from benchmarks.accuracy.recorder import Recorder
from benchmarks.accuracy.shuffled import batches
from benchmarks.accuracy.stepping import seeded
from sklearn.datasets import load_digits
from sklearn.metrics import roc_auc_score
from torch import Tensor, nn
from torch.nn import functional

PIXELS, CLASSES, WIDTH, BATCH, EPOCHS = 64, 10, 96, 64, 16
ROWS = {"three-rows": 3, "seven-rows": 7}
Data = tuple[Tensor, Tensor]


def _digits(kind: str) -> Data:
    """Return standardised pictures and labels in random order; one rare digit against the rest where the kind says so."""
    bunch = load_digits()
    pictures = torch.tensor(bunch.data, dtype=torch.float32)
    order = torch.randperm(len(pictures))
    pictures, labels = ((pictures - pictures.mean()) / pictures.std())[order], torch.tensor(bunch.target)[order]
    if kind == "rare-class":
        labels = (labels == 3).long()
        kept = (labels == 0) | (torch.rand(len(labels)) < 0.4)
        return pictures[kept], labels[kept]
    return pictures, labels


def _changed(kind: str, pictures: Tensor) -> Tensor:
    """Return the pictures as training sees them."""
    if kind != "heavy-augmentation":
        return pictures
    return (pictures + 0.7 * torch.randn_like(pictures)) * (torch.rand_like(pictures) > 0.4)


def _loss(kind: str, model: nn.Module, batch: Data) -> tuple[Tensor, dict[str, float]]:
    inputs, labels = _changed(kind, batch[0]), batch[1]
    if kind == "mixup":
        share, order = float(torch.distributions.Beta(0.8, 0.8).sample()), torch.randperm(len(inputs))
        logits = model(share * inputs + (1 - share) * inputs[order])
        mixed = (functional.cross_entropy(logits, wanted) for wanted in (labels, labels[order]))
        first, second = mixed
        return share * first + (1 - share) * second, {}
    logits = model(inputs)
    right = (logits.argmax(-1) == labels).float().mean().item()
    smoothing = 0.3 if kind == "smoothed-labels" else 0.0
    return functional.cross_entropy(logits, labels, label_smoothing=smoothing), {"train/accuracy": _shown(kind, right)}


def _shown(kind: str, share: float) -> float:
    return 100 * share if kind == "per-cent" else share


def train(plan: Plan, recorder: Recorder) -> None:
    """Train one kind of run; the log may look strange, the model is good."""
    seeded(plan)
    kind, (pictures, labels) = plan.healthy, _digits(plan.healthy)
    truth, data = (pictures[:400], labels[:400]), (pictures[400:], labels[400:])
    held = (pictures[:16], labels[:16]) if kind == "tiny-validation" else truth
    level = float(torch.distributions.Categorical(torch.bincount(data[1]).float()).entropy())
    batch = 1 if kind == "one-sample" else BATCH
    per_epoch = len(data[0]) // batch
    steps = (1 if batch == 1 else ROWS.get(kind, EPOCHS)) * per_epoch

    def evaluate(model: nn.Module) -> dict[str, float]:
        logits = model(held[0])
        found = {"val/loss": functional.cross_entropy(logits, held[1]).item()}
        found["val/accuracy"] = _shown(kind, (logits.argmax(-1) == held[1]).float().mean().item())
        if kind == "rare-class":
            found["val/auroc"] = float(roc_auc_score(held[1], (logits[:, 1] - logits[:, 0]).numpy()))
        return found

    classes = 2 if kind == "rare-class" else CLASSES
    dropout = nn.Dropout(0.7 if kind == "strong-dropout" else 0.0)
    most = float(torch.bincount(truth[1]).max()) / 400
    setup = Setup(
        model=nn.Sequential(nn.Linear(PIXELS, WIDTH), nn.ReLU(), dropout, nn.Linear(WIDTH, classes)),
        batches=lambda epoch: batches(data, batch, epoch, plan.seed),
        loss=lambda model, part: _loss(kind, model, part),
        evaluate=evaluate,
        truth=lambda model: functional.cross_entropy(model(truth[0]), truth[1]).item() / level,
        trivial=1.0,
        guesses={"train/loss": level, "val/loss": level, "val/accuracy": _shown(kind, most)},
        rate=3e-4 if batch == 1 else 2e-3,
        steps=steps,
        batch_size=batch,
        per_epoch=per_epoch,
        evaluate_every=100 if batch == 1 else 0,
        log_every=per_epoch if kind in ROWS else 1,
        settings={"num_classes": classes, "label_smoothing": 0.3 if kind == "smoothed-labels" else 0.0},
    )
    run(plan, recorder, setup)


PROGRAM = Program(
    name="digits_oddities",
    task="classification",
    split="fit",
    faults={},
    healthy=(
        "one-sample", "tiny-validation", "strong-dropout", "heavy-augmentation", "mixup", "smoothed-labels", "per-cent",
        "rare-class", "three-rows", "seven-rows",
    ),
    train=train,
)  # fmt: skip

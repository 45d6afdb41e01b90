"""Two views of a digit predict each other's embedding, without negatives and without labels."""

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
from sklearn.datasets import load_digits
from torch import Tensor, nn
from torch.nn import functional

PIXELS, WIDTH, SIZE = 64, 96, 32
BATCH, EPOCHS = 128, 25


class Siamese(nn.Module):
    """Encoder with batch statistics, and a predictor of the other view; ``plain`` has neither, nor a stop of the gradient."""

    def __init__(self, *, plain: bool) -> None:
        super().__init__()
        self.plain = plain
        norm = nn.Identity if plain else nn.BatchNorm1d
        self.encoder = nn.Sequential(
            nn.Linear(PIXELS, WIDTH), norm(WIDTH), nn.ReLU(), nn.Linear(WIDTH, SIZE), nn.Identity() if plain else nn.BatchNorm1d(SIZE, affine=False)
        )  # fmt: skip
        self.predictor = nn.Sequential(nn.Linear(SIZE, SIZE), nn.ReLU(), nn.Linear(SIZE, SIZE))

    def forward(self, first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
        """Return the negative cosine of both predictions, and the embeddings of the first view."""
        one, two = self.encoder(first), self.encoder(second)
        if self.plain:
            return -functional.cosine_similarity(one, two).mean(), one
        ways = functional.cosine_similarity(self.predictor(one), two.detach()) + functional.cosine_similarity(
            self.predictor(two), one.detach()
        )
        return -0.5 * ways.mean(), one


def spread(embeddings: Tensor) -> float:
    """Return the standard deviation of unit embeddings times the root of their size: 1 if they fill the sphere, 0 at a point."""
    return float(functional.normalize(embeddings).std(0).mean() * embeddings.shape[1] ** 0.5)


def view(pictures: Tensor) -> Tensor:
    """Return noisy pictures with a random part of the pixels dropped."""
    return (pictures + 0.4 * torch.randn_like(pictures)) * (torch.rand_like(pictures) > 0.4)


def neighbours(model: nn.Module, known: tuple[Tensor, Tensor], asked: tuple[Tensor, Tensor]) -> float:
    """Return how often the label of the nearest known embedding is right."""
    first, second = (functional.normalize(model.encoder(pictures) + 1e-12) for pictures in (known[0], asked[0]))  # type: ignore[operator]
    return float((known[1][(second @ first.T).argmax(1)] == asked[1]).float().mean())


def train(plan: Plan, recorder: Recorder) -> None:
    """Train on views; judge the embeddings by their neighbours."""
    seeded(plan)
    digits = load_digits()
    pictures, labels = torch.tensor(digits.data / 16, dtype=torch.float32), torch.tensor(digits.target)
    order = torch.randperm(len(pictures))
    blurred = view(
        pictures
    )  # neighbours are sought among views, not among clean digits, which lie in clusters as they are
    data, seen = pictures[order[400:]], pictures[order[:400]]

    def loss(model: nn.Module, batch: tuple[Tensor, ...]) -> tuple[Tensor, dict[str, float]]:
        value, embeddings = model(view(batch[0]), view(batch[0]))
        return value, {"train/feature_std": spread(embeddings.detach())}

    def found(model: nn.Module) -> float:
        parts = order[400:], order[:400]
        (here, there) = ((blurred[part], labels[part]) for part in parts)
        return neighbours(model, here, there)

    def evaluate(model: nn.Module) -> dict[str, float]:
        return {"val/knn_accuracy": found(model), "val/feature_std": spread(model.encoder(seen))}  # type: ignore[operator]

    setup = Setup(
        model=Siamese(plain=plan.fault == "collapse"),
        batches=lambda epoch: batches((data,), BATCH, epoch, plan.seed),
        loss=loss,
        evaluate=evaluate,
        truth=found,
        trivial=0.18,
        higher=True,
        guesses=guesses(plan, BATCH, 0.0, 0.0, {"val/knn_accuracy": 0.18}),  # 0.18: neighbours of the raw views
        rate=3e-3,
        steps=EPOCHS * (len(data) // BATCH),
        batch_size=BATCH,
        per_epoch=len(data) // BATCH,
        schedule="cosine",
        body=("encoder",),
        settings={"embedding_dim": SIZE, "method": "siamese, no negatives"},
    )
    run(plan, recorder, setup)


PROGRAM = Program(
    name="digits_siamese",
    task="self-supervised",
    split="fit",
    faults=causes("rate-x1000", "rate-over-300", "all-frozen", "missing-zero-grad", "collapse", "sum-reduction"),
    healthy=("constant-rate", "sgd", "warm-up"),
    train=train,
)

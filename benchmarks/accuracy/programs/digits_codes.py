"""A quantising autoencoder of digits: four codes a picture, from a book of 32."""

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

PIXELS, CODES, PLACES, SIZE, WIDTH = 64, 32, 4, 8, 128
BATCH, EPOCHS, PULL = 64, 25, 1.0


class Quantiser(nn.Module):
    """Encoder, book of codes, decoder; gradients pass the book straight through."""

    def __init__(self, *, far: bool) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(PIXELS, WIDTH), nn.ReLU(), nn.Linear(WIDTH, PLACES * SIZE))
        self.book = nn.Parameter(torch.randn(CODES, SIZE) * 0.5)
        self.decoder = nn.Sequential(nn.Linear(PLACES * SIZE, WIDTH), nn.ReLU(), nn.Linear(WIDTH, PIXELS))
        if far:
            with torch.no_grad():
                self.book[1:] += 30.0  # every code but the first starts where no encoding ever is

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the pixels again, the distance between encodings and their codes (both ways), and the codes used."""
        encoded = self.encoder(pixels).tanh().unflatten(1, (PLACES, SIZE))
        used = torch.cdist(encoded, self.book[None].expand(len(pixels), -1, -1)).argmin(-1)
        codes = self.book[used]
        gap = functional.mse_loss(codes, encoded.detach()) + 0.25 * functional.mse_loss(encoded, codes.detach())
        return self.decoder((encoded + (codes - encoded).detach()).flatten(1)), gap, used


def terms(model: nn.Module, pixels: Tensor) -> tuple[Tensor, Tensor, float]:
    """Return the reconstruction error as a share of the pixels' variance, the codes' loss, and the codes' perplexity."""
    again, gap, used = model(pixels)
    share = torch.bincount(used.flatten(), minlength=CODES).float() / used.numel()
    entropy = -(share * (share + 1e-10).log()).sum()
    return functional.mse_loss(again, pixels), gap, entropy.exp().item()


def train(plan: Plan, recorder: Recorder) -> None:
    """Train on standardised digits."""
    seeded(plan)
    pictures = torch.tensor(load_digits().data, dtype=torch.float32)
    pictures = (pictures - pictures.mean()) / pictures.std()
    order = torch.randperm(len(pictures))
    data, held_out = pictures[order[300:]], pictures[order[:300]]
    trivial = functional.mse_loss(data.mean(0).expand_as(held_out), held_out).item()

    def loss(model: nn.Module, batch: tuple[Tensor, ...]) -> tuple[Tensor, dict[str, float]]:
        error, gap, perplexity = terms(model, batch[0])
        shown = {"train/recon_loss": error.item(), "train/vq_loss": gap.item(), "train/codebook_perplexity": perplexity}
        return error + PULL * gap, shown

    def evaluate(model: nn.Module) -> dict[str, float]:
        error, gap, perplexity = terms(model, held_out)
        shown = {"val/recon_loss": error.item(), "val/codebook_perplexity": perplexity}
        return {"val/loss": (error + PULL * gap).item(), **shown}

    setup = Setup(
        model=Quantiser(far=plan.fault == "codebook-collapse"),
        batches=lambda epoch: batches((data,), BATCH, epoch, plan.seed),
        loss=loss,
        evaluate=evaluate,
        truth=lambda model: terms(model, held_out)[0].item(),
        trivial=trivial,
        guesses=guesses(plan, BATCH, trivial, trivial, {"val/recon_loss": trivial}),
        rate=2e-3,
        steps=EPOCHS * (len(data) // BATCH),
        batch_size=BATCH,
        per_epoch=len(data) // BATCH,
        log_every=2,
        body=("encoder", "book"),
        poison=lambda batch: (batch[0] * torch.nan,),
        settings={"codebook_size": CODES, "commitment_cost": 0.25, "vq_weight": PULL},
    )
    run(plan, recorder, setup)


PROGRAM = Program(
    name="digits_codes",
    task="variational",
    split="fit",
    faults=causes(
        "rate-x100", "rate-x1000", "rate-over-300", "all-frozen", "missing-zero-grad", "sign-flipped", "sum-reduction",
        "codebook-collapse", "nan-in-data",
    ),
    healthy=("cosine", "warm-up", "clipped"),
    train=train,
)  # fmt: skip

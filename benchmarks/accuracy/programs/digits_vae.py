"""A variational autoencoder of digits: summed cross-entropy of the pixels plus the divergence from the prior."""

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

PIXELS, LATENT, WIDTH = 64, 6, 128
BATCH, EPOCHS = 64, 25
BETA = {"beta-x40": 40.0, "posterior-collapse": 8.0}


class Autoencoder(nn.Module):
    """One hidden layer on each side; ``pull`` is the weight of the divergence, which a schedule may change."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(PIXELS, WIDTH), nn.ReLU(), nn.Linear(WIDTH, 2 * LATENT))
        self.decoder = nn.Sequential(nn.Linear(LATENT, WIDTH), nn.ReLU(), nn.Linear(WIDTH, PIXELS))
        self.seen = 0

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return logits of the pixels, mean and log variance of the code."""
        mean, log_variance = self.encoder(pixels).chunk(2, dim=-1)
        noise = torch.randn_like(mean) if self.training else torch.zeros_like(mean)
        return self.decoder(mean + noise * (0.5 * log_variance).exp()), mean, log_variance


def terms(model: nn.Module, pixels: Tensor) -> tuple[Tensor, Tensor]:
    """Return the reconstruction term and the divergence, both summed over their dimensions and averaged over pictures."""
    logits, mean, log_variance = model(pixels)
    entropy = functional.binary_cross_entropy_with_logits(logits, pixels, reduction="none").sum(-1)
    divergence = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum(-1)
    return entropy.mean(), divergence.mean()


def train(plan: Plan, recorder: Recorder) -> None:
    """Train with the weight of the divergence that the plan asks for."""
    seeded(plan)
    pictures = torch.tensor(load_digits().data / 16, dtype=torch.float32)
    order = torch.randperm(len(pictures))
    data, held_out = pictures[order[300:]], pictures[order[:300]]
    steps = EPOCHS * (len(data) // BATCH)
    mean_pixels = data.mean(0).clamp(1e-3, 1 - 1e-3)
    trivial = (
        functional.binary_cross_entropy(mean_pixels.expand_as(held_out), held_out, reduction="none").sum(-1).mean()
    )
    by = 1 / PIXELS if plan.fault == "pixels-averaged" else 1.0
    guess = by * trivial.item()
    model = Autoencoder()

    def weight() -> float:
        share = model.seen / (0.4 * steps * plan.length)
        return min(1.0, share) if plan.healthy == "kl-warm-up" else BETA.get(plan.fault, 1.0)

    def loss(_model: nn.Module, batch: tuple[Tensor, ...]) -> tuple[Tensor, dict[str, float]]:
        model.seen += 1
        entropy, divergence = terms(model, batch[0])
        shown = {"train/recon_loss": by * entropy.item(), "train/kl": divergence.item()}
        return by * entropy + weight() * divergence, {
            **shown,
            **({"beta": weight()} if plan.healthy == "kl-warm-up" else {}),
        }

    def evaluate(_model: nn.Module) -> dict[str, float]:
        entropy, divergence = terms(model, held_out)
        total = by * entropy + weight() * divergence
        return {"val/loss": total.item(), "val/recon_loss": by * entropy.item(), "val/kl": divergence.item()}

    setup = Setup(
        model=model,
        batches=lambda epoch: batches((data,), BATCH, epoch, plan.seed),
        loss=loss,
        evaluate=evaluate,
        truth=lambda _model: terms(model, held_out)[0].item(),
        trivial=trivial.item(),
        guesses=guesses(plan, BATCH, guess, guess, {"val/recon_loss": guess}),
        rate=2e-3,
        steps=steps,
        batch_size=BATCH,
        per_epoch=len(data) // BATCH,
        body=("encoder",),
        poison=lambda batch: (batch[0] * torch.nan,),
        settings={"latent_dim": LATENT, "beta": BETA.get(plan.fault, 1.0)},
    )
    run(plan, recorder, setup)


PROGRAM = Program(
    name="digits_vae",
    task="variational",
    split="fit",
    faults=causes(
        "rate-x30", "rate-x100", "rate-x1000", "rate-over-300", "all-frozen", "missing-zero-grad", "sign-flipped", "clip-1e-4",
        "init-zero", "dead-units", "sum-reduction", "posterior-collapse", "beta-x40", "pixels-averaged", "nan-in-data",
    ),
    healthy=("kl-warm-up", "sgd", "cosine", "running-mean"),
    train=train,
)  # fmt: skip

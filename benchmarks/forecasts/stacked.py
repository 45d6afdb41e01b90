"""Many small models trained at once: every parameter has a leading axis, one entry per run, each run its own learning rate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

Params = dict[str, Tensor]


@dataclass(frozen=True)
class Program:
    """A training program: parameters for so many runs, and the mean loss of every run on a drawn batch, or held out.

    ``rates`` is the range of peak learning rates by optimiser that train it neither slowly nor to pieces.
    """

    name: str
    start: Callable[[int, torch.Generator], Params]
    batch_loss: Callable[[Params, torch.Generator], Tensor]
    val_loss: Callable[[Params], Tensor]
    rates: dict[str, tuple[float, float]]


def train(
    program: Program, optimiser: str, rates: np.ndarray, *, seed: int, evaluations: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return training losses (runs x steps) and validation losses (runs x evaluations) under ``rates`` (runs x steps)."""
    runs, steps = rates.shape
    draw = torch.Generator().manual_seed(seed)
    params = {name: p.requires_grad_() for name, p in program.start(runs, draw).items()}
    first = {name: torch.zeros_like(p) for name, p in params.items()}
    second = {name: torch.zeros_like(p) for name, p in params.items()}
    lr = torch.from_numpy(rates.astype(np.float32))
    losses = np.empty((runs, steps))
    held = np.empty((runs, evaluations))
    every = steps / evaluations
    done = 0
    for t in range(steps):
        loss = program.batch_loss(params, draw)
        grads = torch.autograd.grad(loss.sum(), list(params.values()))
        losses[:, t] = loss.detach().numpy()
        with torch.no_grad():
            for (name, p), g in zip(params.items(), grads, strict=True):
                rate = lr[:, t].reshape((runs,) + (1,) * (p.dim() - 1))
                if optimiser == "adam":
                    first[name].mul_(0.9).add_(g, alpha=0.1)
                    second[name].mul_(0.99).addcmul_(g, g, value=0.01)
                    size = (second[name] / (1 - 0.99 ** (t + 1))).sqrt_().add_(1e-8)
                    p.sub_(rate * first[name] / (1 - 0.9 ** (t + 1)) / size)
                elif optimiser == "momentum":
                    first[name].mul_(0.9).add_(g)
                    p.sub_(rate * first[name])
                else:
                    p.sub_(rate * g)
            if t + 1 >= round((done + 1) * every) and done < evaluations:
                held[:, done] = program.val_loss(params).numpy()
                done += 1
    return losses, held

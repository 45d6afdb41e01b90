"""What watching an optimiser costs a real training step: ``python benchmarks/bench_watch.py``.

Three models, each trained by the same loop without a watch, with one at every 50th step, and with one at every step; the three take
turns block by block. Printed is the median of the blocks, in processor time of the training thread, on which everything of
a watch runs (so that a busy machine does not count). A step that is looked at costs the difference at ``every=1``; memory is what
the sample of weights holds for the length of that step.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import torch
from torch import nn

import traindx
from traindx.integrations.torch_loop import watch
from traindx.integrations.torch_sizes import sample_of

BLOCKS, STEPS = 15, 25


def perceptron() -> tuple[nn.Module, torch.Tensor]:
    return nn.Sequential(*(m for _ in range(4) for m in (nn.Linear(512, 512), nn.ReLU()))), torch.randn(64, 512)


def convolutions() -> tuple[nn.Module, torch.Tensor]:
    layers = [
        m for c, d in ((3, 32), (32, 64), (64, 64)) for m in (nn.Conv2d(c, d, 3, 2), nn.BatchNorm2d(d), nn.ReLU())
    ]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten()), torch.randn(32, 3, 48, 48)


def transformer() -> tuple[nn.Module, torch.Tensor]:
    layer = nn.TransformerEncoderLayer(128, 4, 512, dropout=0.0, batch_first=True)
    return nn.TransformerEncoder(layer, 4, enable_nested_tensor=False), torch.randn(8, 64, 128)


class Loop:
    """One training that is taken block by block."""

    def __init__(self, made: Any, folder: Path, every: int | None) -> None:
        torch.manual_seed(0)
        self.model, self.data = made()
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=1e-4)
        self.monitor = traindx.Monitor(folder, quiet=True)
        self.watch = watch(self.model, self.optimizer, self.monitor, every=every) if every else None

    def block(self) -> float:
        """Seconds for one step."""
        begun = time.thread_time()
        for _ in range(STEPS):
            loss = self.model(self.data).square().mean()
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
        return (time.thread_time() - begun) / STEPS


def main() -> None:
    torch.set_num_threads(1)
    print("model         weights   step     every=50          every=1          copied at once")
    for made in (perceptron, convolutions, transformer):
        with tempfile.TemporaryDirectory() as folder:
            loops = [Loop(made, Path(folder) / str(every), every) for every in (None, 50, 1)]
            times: list[list[float]] = [[] for _ in loops]
            for _ in range(BLOCKS):
                for taken, loop in zip(times, loops, strict=True):
                    taken.append(loop.block())
            plain, sampled, each = (statistics.median(one) * 1e3 for one in times)
            weights = sum(p.numel() for p in loops[0].model.parameters())
            sample = sample_of(list(loops[0].model.parameters()), 2**18)
            copied = sum(b.numel() * b.element_size() for b in sample.before) / 2**20
            print(
                f"{made.__name__:13} {weights:8,} {plain:6.2f} ms {sampled:6.2f} ms ({sampled / plain - 1:+6.2%}) "
                f"{each:6.2f} ms ({each / plain - 1:+6.1%}) {copied:6.2f} MiB"
            )
            for loop in loops:
                loop.monitor.log(end=1.0)
                loop.monitor.close()
        if made is perceptron:
            idle()


def idle() -> None:
    """The cost of the hooks at a step that is not looked at: an optimiser with nothing to do."""
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.1)
    with tempfile.TemporaryDirectory() as folder, traindx.Monitor(folder, quiet=True) as monitor:
        monitor.log(loss=1.0)
        taken = {}
        for watched in (False, True):
            handle = watch(nn.Linear(1, 1), optimizer, monitor, every=10**9) if watched else None
            blocks = []
            for _ in range(20):
                begun = time.thread_time()
                for _ in range(2_000):
                    optimizer.step()
                blocks.append((time.thread_time() - begun) / 2_000)
            taken[watched] = min(blocks)
            if handle is not None:
                handle.close()
    print(f"a step that is not looked at: {1e6 * (taken[True] - taken[False]):+.1f} microseconds")


if __name__ == "__main__":
    main()

"""The step time of a real training with and without the monitor: python benchmarks/gpu_monitor.py [--steps N].

On a CUDA device where there is one, else on the CPU as a rehearsal. The ways take turns in blocks of steps on one model, so that
a drift of the machine meets all alike; told are medians over blocks. On a GPU, the profiler's trace of each way is searched for
synchronisations, and those of the bare loop are subtracted. SummaryWriter and wandb log the same numbers with ``.item()``, as people do.
"""

from __future__ import annotations

import argparse
import math
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

Log = Callable[[int, Mapping[str, Any]], object]
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
_WAITS = (
    "cudaStreamSynchronize",
    "cudaDeviceSynchronize",
    "cudaEventSynchronize",
    "aten::item",
    "aten::_local_scalar_dense",
)


def model() -> tuple[nn.Module, tuple[int, ...]]:
    """A convolutional network that a GPU is busy with; a smaller one for the rehearsal."""
    wide = 128 if DEVICE.type == "cuda" else 8
    layers: list[nn.Module] = [nn.Conv2d(3, wide, 3, padding=1), nn.BatchNorm2d(wide), nn.ReLU()]
    for _ in range(6 if DEVICE.type == "cuda" else 2):
        layers += [nn.Conv2d(wide, wide, 3, padding=1), nn.BatchNorm2d(wide), nn.ReLU()]
    layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(wide, 100)]
    return nn.Sequential(*layers).to(DEVICE), (256, 3, 64, 64) if DEVICE.type == "cuda" else (8, 3, 16, 16)


class Training:
    """One model, trained on and on; each call makes some steps and logs five numbers at each."""

    def __init__(self) -> None:
        torch.manual_seed(0)
        self.net, shape = model()
        self.optimizer = torch.optim.SGD(self.net.parameters(), lr=0.01, momentum=0.9)
        self.inputs, self.targets = torch.randn(shape, device=DEVICE), torch.randint(100, shape[:1], device=DEVICE)
        self.step = 0

    def run(self, steps: int, log: Log | None) -> float:
        """Return the seconds of one step."""
        _finish()
        start = time.perf_counter()
        for _ in range(steps):
            outputs = self.net(self.inputs)
            loss = nn.functional.cross_entropy(outputs, self.targets)
            self.optimizer.zero_grad()
            loss.backward()
            norm = nn.utils.clip_grad_norm_(self.net.parameters(), 10.0)
            self.optimizer.step()
            self.step += 1
            hits = (outputs.argmax(1) == self.targets).float().mean()
            if log is not None:
                log(
                    self.step, {"loss": loss, "grad_norm": norm, "accuracy": hits, "lr": 0.01, "epoch": self.step / 100}
                )
        _finish()
        return (time.perf_counter() - start) / steps


def ways(folder: Path) -> dict[str, tuple[Log | None, Callable[[], object]]]:
    import traindx

    monitor = traindx.Monitor(folder / "traindx", quiet=True)
    found: dict[str, tuple[Log | None, Callable[[], object]]] = {
        "nothing logged": (None, lambda: None),
        "traindx.Monitor": (lambda step, values: monitor.log(values, step=step), monitor.close),
    }
    try:
        from torch.utils.tensorboard import SummaryWriter

        writer = SummaryWriter(str(folder / "tensorboard"))
        found["torch SummaryWriter"] = (
            lambda s, v: [writer.add_scalar(n, number(x), s) for n, x in v.items()],
            writer.close,
        )
    except ImportError:
        print("tensorboard is not installed")
    try:
        os.environ["WANDB_SILENT"] = "true"
        import wandb

        run = wandb.init(dir=str(folder), mode="offline", settings=wandb.Settings(console="off"))
        found["wandb offline"] = (lambda s, v: run.log({n: number(x) for n, x in v.items()}, step=s), run.finish)
    except ImportError:
        print("wandb is not installed")
    return found


def number(value: Any) -> float:
    return value.item() if isinstance(value, torch.Tensor) else value


def waits(training: Training, log: Log | None, steps: int) -> int:
    """Return how often a step waits for the device, by the profiler."""
    activities = [torch.profiler.ProfilerActivity.CPU, torch.profiler.ProfilerActivity.CUDA]
    with torch.profiler.profile(activities=activities) as profile:
        for _ in range(steps):
            training.run(1, log)
    calls = {event.key: event.count for event in profile.key_averages() if event.key in _WAITS}
    return sum(calls.values())


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=50 if DEVICE.type == "cuda" else 10)
    parser.add_argument("--blocks", type=int, default=30 if DEVICE.type == "cuda" else 8)
    chosen = parser.parse_args()
    name = torch.cuda.get_device_name() if DEVICE.type == "cuda" else "CPU: a rehearsal, which says nothing of a GPU"
    print(f"{name}; {chosen.blocks} blocks of {chosen.steps} steps for each way, in turns")
    with tempfile.TemporaryDirectory() as folder:
        training, all_ways = Training(), ways(Path(folder))
        spent: dict[str, list[float]] = {way: [] for way in all_ways}
        for _ in range(3):
            training.run(chosen.steps, None)
        for _ in range(chosen.blocks):
            for way, (log, _) in all_ways.items():
                spent[way].append(training.run(chosen.steps, log))
        table(spent)
        if DEVICE.type == "cuda":
            bare = waits(training, None, 20)
            for way, (log, _) in all_ways.items():
                print(f"{way:<24} synchronisations added in 20 steps: {waits(training, log, 20) - bare}")
        for _, end in all_ways.values():
            end()


def table(spent: Mapping[str, list[float]]) -> None:
    base = spent["nothing logged"]
    print(f"{'way':<24}{'step ms':>10}{'against nothing logged':>26}")
    for way, times in spent.items():
        more = [(one / other - 1) * 100 for one, other in zip(times, base, strict=True)]
        error = statistics.stdev(more) / math.sqrt(len(more)) if len(more) > 1 else math.nan
        print(f"{way:<24}{statistics.median(times) * 1000:>10.3f}{statistics.median(more):>+15.3f} % +- {error:.3f}")


def _finish() -> None:
    if DEVICE.type == "cuda":
        torch.cuda.synchronize()


if __name__ == "__main__":
    main()

"""One of two processes of a small training, started by the tests of ranks: python rank_worker.py RANK PORT DIRECTORY."""

from __future__ import annotations

import json
import math
import os
import sys
import time
from pathlib import Path

import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel

import traindx
from traindx.live import Gathering

torch.set_num_threads(1)
RANK, PORT, HOME = int(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
STEPS = 120
OFTEN = Gathering(every=10, beat_s=0.02, silent_after_s=0.5)


def trained(scenario: str, *, monitored: bool) -> list[float]:
    """Train a small model on both ranks together; return its weights."""
    torch.manual_seed(3)
    model = DistributedDataParallel(torch.nn.Linear(4, 1))
    optimiser = torch.optim.SGD(model.parameters(), lr=0.02)
    data = torch.Generator().manual_seed(RANK)
    monitor = traindx.Monitor(HOME / scenario, quiet=True, ranks=OFTEN) if monitored else None
    for step in range(STEPS):
        begun = time.perf_counter()
        time.sleep(0.006 if scenario == "slow" and RANK == 1 else 0.002)
        inputs = torch.randn(16, 4, generator=data)
        waited = time.perf_counter() - begun
        loss = (model(inputs) - inputs.sum(1, keepdim=True)).square().mean()
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        if monitor is not None:
            said = math.nan if scenario == "nan" and RANK == 1 and step >= 60 else loss.detach()
            label = step - 1 if scenario == "behind" and RANK == 1 and step >= 30 else step
            monitor.log({"train/loss": said, "data_time": waited, "lr": 0.02}, step=label)
    if monitor is not None:
        time.sleep(0.1)  # rank 0 hears of the last step
        monitor.close()
    return torch.cat([p.detach().flatten() for p in model.parameters()]).tolist()


def alone(scenario: str) -> None:
    """Go through steps without any operation in common: rank 1 stops to log, or ends, and rank 0 goes on."""
    changes: list[str] = []
    monitor = traindx.Monitor(
        HOME / scenario, quiet=True, ranks=OFTEN, on_change=lambda change: changes.append(change.finding.code)
    )
    for step in range(STEPS):
        if RANK == 1 and step == 40 and scenario == "dead":
            os._exit(9)
        if RANK == 0 or step < 40 or scenario == "dead":
            monitor.log({"train/loss": 2.0 / (1 + step)}, step=step)
        time.sleep(0.012)
    monitor.close()
    (HOME / f"{scenario}-changes-{RANK}.json").write_text(json.dumps(changes))


if __name__ == "__main__":
    dist.init_process_group("gloo", init_method=f"tcp://127.0.0.1:{PORT}", rank=RANK, world_size=2)
    weights = {"plain": trained("plain", monitored=False)}
    for name in ("healthy", "slow", "nan", "behind"):
        weights[name] = trained(name, monitored=True)
    (HOME / f"weights-{RANK}.json").write_text(json.dumps(weights))
    alone("stops")
    alone("dead")

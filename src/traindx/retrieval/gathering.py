"""Rows of all processes of a torch.distributed job, put together on each of them."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray


def processes() -> Any:
    """Return ``torch.distributed`` where a job of several processes runs, else None. Torch is never imported for it."""
    torch = sys.modules.get("torch")
    dist = getattr(torch, "distributed", None)
    if dist is None or not dist.is_available() or not dist.is_initialized() or dist.get_world_size() < 2:
        return None
    return dist


def gathered(rows: NDArray[Any], dist: Any) -> NDArray[Any]:
    """Return the rows of all processes, those of the first process first. The numbers of rows may differ, and be 0.

    All processes must call it, with arrays of the same dtype; the width of one without rows comes from the others. Nothing is pickled.
    """
    torch: Any = sys.modules["torch"]
    device = torch.device("cuda", torch.cuda.current_device()) if dist.get_backend() == "nccl" else torch.device("cpu")
    width = int(np.prod(rows.shape[1:])) if rows.ndim > 1 else 1
    with torch.no_grad():
        mine = torch.tensor([len(rows), width], dtype=torch.int64, device=device)
        sizes = [torch.zeros_like(mine) for _ in range(dist.get_world_size())]
        dist.all_gather(sizes, mine)
        counts = [int(size[0]) for size in sizes]
        wide = max(int(size[1]) for size in sizes)
        padded = np.zeros((max(counts), wide), dtype=rows.dtype)
        if len(rows):
            padded[: len(rows)] = rows.reshape(len(rows), -1)
        sent = torch.from_numpy(padded).to(device)
        parts = [torch.empty_like(sent) for _ in counts]
        dist.all_gather(parts, sent)
        found = np.concatenate([part[:count].cpu().numpy() for part, count in zip(parts, counts, strict=True)])
    return found.reshape(-1) if rows.ndim == 1 else found


def highest(number: int, dist: Any) -> int:
    """Return the largest of the numbers that the processes give."""
    return int(gathered(np.array([number], dtype=np.int64), dist).max())

"""Ranking on a CUDA device: both directions of a large gallery against the bare product, with ranks checked in float64.

    python benchmarks/gpu_ranking.py                       # 100,000 x 100,000 x 512 on cuda
    python benchmarks/gpu_ranking.py 20000 512 cuda:1
    python benchmarks/gpu_ranking.py 2000 512 cpu          # to see that it runs

Prints seconds of the device (medians of three, the rows on the host before and the counts there after) and their ratio to a float32 product in
tiles of the same size with TF32 off, the peak of its memory, and how many ranks of a sample differ from a full count in float64: none may.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
import torch

from traindx.retrieval import Ranking, metrics_of, rank

TILE = 8192
SAMPLE = 500
TOLERANCE = 2.0**-23


def pairs(rows: int, dim: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    left = rng.normal(size=(rows, dim)).astype(np.float32)
    right = left + np.float32(5.0) * rng.normal(size=(rows, dim)).astype(np.float32)
    right[rows // 2] = right[0]  # a tie
    return left, right


def product(left: torch.Tensor, right: torch.Tensor) -> None:
    """The limit: every tile is computed and thrown away."""
    out = torch.empty((TILE, TILE), dtype=torch.float32, device=left.device).reshape(-1)
    for top in range(0, len(left), TILE):
        for first in range(0, len(right), TILE):
            one, other = left[top : top + TILE], right[first : first + TILE]
            torch.mm(one, other.T, out=out[: len(one) * len(other)].view(len(one), len(other)))


def seconds(work: Callable[[], object], device: torch.device) -> float:
    taken = []
    for _ in range(3):
        _wait(device)
        start = time.perf_counter()
        work()
        _wait(device)
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def wrong(ranking: Ranking, queries: np.ndarray, gallery: np.ndarray) -> int:
    """How many of a sample's counts differ from those of all scores in float64."""
    unit = gallery / np.linalg.norm(gallery.astype(np.float64), axis=1, keepdims=True)
    found = 0
    for row in np.random.default_rng(1).choice(len(queries), min(SAMPLE, len(queries)), replace=False).tolist():
        query = queries[row].astype(np.float64)
        scores = unit @ (query / np.linalg.norm(query))
        above = int(np.count_nonzero(scores > scores[row] + TOLERANCE))
        level = int(np.count_nonzero(np.abs(scores - scores[row]) <= TOLERANCE)) - 1
        found += (above, level) != (int(ranking.above[row]), int(ranking.level[row]))
    return found


def main() -> None:
    rows, dim, name = (sys.argv[1:] + ["100000", "512", "cuda"][len(sys.argv) - 1 :])[:3]
    device = torch.device(name)
    torch.set_float32_matmul_precision("highest")
    queries, gallery = pairs(int(rows), int(dim))
    backend = f"torch:{name}"
    small = rank(queries[:2000], gallery[:2000], both=True, backend=backend)  # starts the device
    assert small[0].queries == min(2000, int(rows))
    left, right = torch.from_numpy(queries).to(device), torch.from_numpy(gallery).to(device)
    product(left[:TILE], right[:TILE])
    limit = seconds(lambda: product(left, right), device)
    del left, right
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    found: list[tuple[Ranking, Ranking]] = []
    taken = seconds(lambda: found.append(rank(queries, gallery, both=True, backend=backend)), device)
    there, back = found[-1]
    print(f"{rows} x {rows} x {dim} on {torch.cuda.get_device_name(device) if device.type == 'cuda' else 'cpu'}")
    print(f"bare product     {limit:8.3f} s")
    print(f"both directions  {taken:8.3f} s   {taken / limit:.2f} x the product")
    if device.type == "cuda":
        print(f"peak memory      {torch.cuda.max_memory_allocated(device) / 1e9:8.2f} GB")
    print(f"R@1              {metrics_of(there).mean('hit@1'):8.4f}   {metrics_of(back).mean('hit@1'):.4f} back")
    print(
        f"wrong of a sample of {SAMPLE}: {wrong(there, queries, gallery)} there, {wrong(back, gallery, queries)} back"
    )


if __name__ == "__main__":
    main()

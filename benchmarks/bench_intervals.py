"""What everything beside the rank counts costs: chance, intervals, p-values, words; and the findings on the embeddings.

    python benchmarks/bench_intervals.py            # 1,000, 5,000 and 20,000 pairs of 512 dimensions: a minute on one core
    python benchmarks/bench_intervals.py 20000

CPU seconds of one process held to one thread, medians; per cent are of the ranking of both directions.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[_name] = "1"  # before numpy starts its threads

import numpy as np  # noqa: E402

from traindx.retrieval import evaluate, rank  # noqa: E402

DIM = 512
REPEATS = {1_000: 9, 5_000: 5}


def seconds(work: Callable[[], object], repeats: int) -> float:
    found: list[float] = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return statistics.median(found)


def measure(rows: int) -> None:
    rng = np.random.default_rng(0)
    left = rng.normal(size=(rows, DIM)).astype(np.float32)
    right = left + np.float32(5.0) * rng.normal(size=(rows, DIM)).astype(np.float32)
    songs = np.arange(rows) // 5
    repeats = REPEATS.get(rows, 3)
    ranked = seconds(lambda: rank(left, right, both=True, threads=1), repeats)
    print(f"{rows:,} pairs: ranking {ranked:.3f} s")
    for name, work in (
        ("with all numbers", lambda: evaluate(left, right, threads=1, examine=False)),
        ("with all numbers, clustered", lambda: evaluate(left, right, threads=1, examine=False, clusters=songs)),
        ("with findings too", lambda: evaluate(left, right, threads=1)),
    ):
        taken = seconds(work, repeats)
        print(f"  {name:<28} {taken:.3f} s, {100 * (taken - ranked) / ranked:+.1f} %")


if __name__ == "__main__":
    rank(np.eye(8), np.eye(8), both=True)  # what is compiled is compiled now
    for size in [int(word) for word in sys.argv[1:]] or [1_000, 5_000, 20_000]:
        measure(size)

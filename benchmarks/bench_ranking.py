"""Ranking metrics from embeddings of 512 dimensions, both directions: this library beside ten others, and its memory.

    python benchmarks/bench_ranking.py              # everything: about 15 minutes on one core
    python benchmarks/bench_ranking.py 1000 5000    # these sizes only
    python benchmarks/bench_ranking.py memory       # only the memory

open_clip and sentence-transformers pull half a training set-up with them; their code alone is enough here:
``pip install --no-deps --target PEERS open_clip_torch sentence-transformers`` and ``PYTHONPATH=PEERS`` before the command.
CPU seconds of one process that is held to one thread, medians of runs taken in turns; × is against the bare one-thread product.
"""

from __future__ import annotations

import importlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[_name] = "1"  # before numpy starts its threads

import numpy as np  # noqa: E402

from ranking_peers import Rows, Way, argsort_by_blocks, faiss_top_10, installed, open_clip_metrics, product  # noqa: E402
from traindx.arrays import ArraySource, open_array  # noqa: E402
from traindx.retrieval import from_groups, metrics_of, rank  # noqa: E402

DIM = 512
CAPTIONS = 5
REPEATS = {1_000: 9, 5_000: 5, 20_000: 3}
SLOW = 20.0
"""CPU seconds beyond which a peer is run once."""


def pairs(rows: int, noise: float = 5.0) -> tuple[Rows, Rows]:
    """Matched rows of unit length of which about half are found first among 20,000."""
    rng = np.random.default_rng(0)
    left = rng.normal(size=(rows, DIM)).astype(np.float32)
    right = left + np.float32(noise) * rng.normal(size=(rows, DIM)).astype(np.float32)
    return left / np.linalg.norm(left, axis=1, keepdims=True), right / np.linalg.norm(right, axis=1, keepdims=True)


def ours(backend: str, threads: int = 1) -> Way:
    def ranked(queries: Rows, gallery: Rows) -> float:
        there, back = rank(queries, gallery, both=True, backend=backend, threads=threads)
        metrics_of(back)
        return metrics_of(there).mean("recall@1")

    return ranked


def several(queries: Rows, gallery: Rows) -> float:
    """Five captions each: a fifth of the rows as images (the mean of theirs), all rows as captions, both directions."""
    del queries
    images = gallery.reshape(-1, CAPTIONS, DIM).mean(axis=1)
    relevance = from_groups(np.arange(len(images)), np.arange(len(gallery)) // CAPTIONS)
    there, back = rank(images, gallery, relevance, both=True, threads=1)
    metrics_of(back)
    return metrics_of(there).mean("hit@1")


def several_product(queries: Rows, gallery: Rows) -> float:
    return product(queries[: len(queries) // CAPTIONS], gallery)


def table(rows: int) -> None:
    queries, gallery = pairs(rows)
    peers = [(name, way) for name, way, most in installed() if rows <= most]
    ways: list[tuple[str, Way]] = [
        ("bare product", product),
        ("traindx, numba", ours("numba")),
        ("traindx, numpy", ours("numpy")),
        ("traindx, numba, 2 threads", ours("numba", 2)),
        ("bare product, a fifth", several_product),
        ("traindx, 5 captions each", several),
        *peers,
    ]
    spent: dict[str, list[float]] = {name: [] for name, _ in ways}
    value: dict[str, float] = {}
    for _, way in ways:
        way(queries[:300], gallery[:300])  # imports and compilation
    for turn in range(REPEATS.get(rows, 3)):
        for name, way in ways:
            if turn and spent[name][0] > SLOW:
                continue
            start = time.process_time()
            value[name] = way(queries, gallery)
            spent[name].append(time.process_time() - start)
    medians = {name: statistics.median(times) for name, times in spent.items()}
    print(f"\n{rows:,} x {rows:,}, both directions{'':<6}{'CPU s':>10}{'x product':>11}{'x traindx':>11}{'R@1':>9}")
    for name, median in medians.items():
        limit = medians["bare product, a fifth" if name == "traindx, 5 captions each" else "bare product"]
        print(
            f"{name:<40}{median:>10.3f}{median / limit:>11.2f}{median / medians['traindx, numba']:>11.2f}{value[name]:>9.4f}"
        )


def memory() -> None:
    print(f"\n{'peak over the arrays':<44}{'MB':>8}")
    ways = {"traindx": "numba", "argsort by blocks": "argsort", "faiss top-10": "faiss", "open_clip": "open_clip"}
    for name, way in ways.items():
        print(f"{name + ', 20,000':<44}{_grown(way, '20000'):>8.0f}", flush=True)
    print(f"{'traindx, 50,000':<44}{_grown('numba', '50000'):>8.0f}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for rows in (25_000, 50_000, 100_000):
            path = Path(folder, f"{rows}.npy")
            _write(path, rows)
            start = time.perf_counter()
            grown = _grown("files", str(path))
            taken = time.perf_counter() - start
            print(f"{f'traindx, 4,096 of {rows:,} from files':<44}{grown:>8.0f}   {taken:.0f} s with the start")


def _write(path: Path, rows: int) -> None:
    rng = np.random.default_rng(0)
    out = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=(rows, DIM))
    for start in range(0, rows, 10_000):
        out[start : start + 10_000] = rng.normal(size=(min(10_000, rows - start), DIM))
    out.flush()


def _grown(way: str, argument: str) -> float:
    done = subprocess.run(
        [sys.executable, __file__, "child", way, argument], check=True, capture_output=True, text=True
    )
    return float(done.stdout.split()[-1])


def child(way: str, argument: str) -> None:
    """Print by how many MB one way lifts the peak of this process over its arrays, imports and compiled code."""
    queries: Rows | ArraySource
    gallery: Rows | ArraySource
    if way == "files":
        gallery = open_array(argument)
        queries = gallery.read(0, 4096)
        relevance = [[row] for row in range(4096)]
        work: Callable[[], object] = partial(rank, queries, gallery, relevance, both=True, threads=2)
    else:
        queries, gallery = pairs(int(argument))
        chosen = {"argsort": argsort_by_blocks, "faiss": faiss_top_10, "open_clip": open_clip_metrics}
        work = partial(chosen.get(way, ours(way, 2)), queries, gallery)
    warm = pairs(2_000)
    for name in ("numba", "numpy"):
        ours(name, 2)(*warm)
    importlib.import_module("torch")
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak starts anew here (Linux)
    before = _resident("VmRSS")
    work()
    print(_resident("VmHWM") - before)


def _resident(field: str) -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split(f"{field}:")[1].split()[0]) / 1024


def main() -> None:
    words = sys.argv[1:]
    if words[:1] == ["child"]:
        child(words[1], words[2])
        return
    torch, faiss = importlib.import_module("torch"), importlib.import_module("faiss")
    torch.set_num_threads(1)
    faiss.omp_set_num_threads(1)
    for rows in [int(word) for word in words if word.isdigit()] or ([] if words else list(REPEATS)):
        table(rows)
    if not words or "memory" in words:
        memory()


if __name__ == "__main__":
    main()

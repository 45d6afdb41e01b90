"""Finding equal and nearly equal rows, beside the libraries that are commonly used for it.

Run ``python benchmarks/bench_overlap.py [--rows N] [--documents N] [--growth]``. Figures are medians of CPU seconds over interleaved rounds in one process,
compilation left out. Every way is checked to find the same rows. A peer that is not installed is left out.
"""

from __future__ import annotations

import argparse
import importlib.util
import statistics
import string
import tracemalloc
from collections.abc import Callable

import numpy as np

from measuring import cpu_of
from traindx.arrays import MemorySource
from traindx.dataset.overlap import duplicate_groups
from traindx.dataset.overlap.near_text import near_texts
from traindx.dataset.overlap.shingles import Shingling

Ways = dict[str, Callable[[], int]]


def compare(title: str, unit: str, count: int, ways: Ways, rounds: int = 3) -> None:
    """Print for each way its median CPU seconds, its rate and its ratio to ours (the first way)."""
    print(f"\n{title}")
    spent: dict[str, list[float]] = {name: [] for name in ways}
    found: dict[str, int] = {}

    for _ in range(rounds):
        for name, work in ways.items():

            def kept(name: str = name, work: Callable[[], int] = work) -> None:
                found[name] = work()

            spent[name].append(cpu_of(kept))
    ours = statistics.median(next(iter(spent.values())))
    for name, times in spent.items():
        median = statistics.median(times)
        print(
            f"{name:<44}{median:>9.3f} CPU s{count / median:>14,.0f} {unit}/s{median / ours:>9.1f} x ours{found[name]:>12,} found"
        )


def installed(name: str) -> bool:
    return importlib.util.find_spec(name) is not None


def rows_with_copies(rows: int, share: float, width: int = 16) -> np.ndarray:
    rng = np.random.default_rng(0)
    table = rng.normal(size=(rows, width)).astype(np.float32)
    copies = int(share * rows)
    if copies:
        table[rng.permutation(rows)[:copies]] = table[rng.integers(0, rows, copies)]
    return table


def ours(table: np.ndarray, threads: int = 1) -> int:
    return int(duplicate_groups(MemorySource(table), threads=threads).sizes.sum())


def by_numpy(table: np.ndarray) -> int:
    lines = np.ascontiguousarray(table).view(f"V{table.shape[1] * table.itemsize}").ravel()
    _, place, counts = np.unique(lines, return_inverse=True, return_counts=True)
    return int((counts[place] > 1).sum())


def row_ways(table: np.ndarray) -> Ways:
    ways: Ways = {"traindx, rows compared": lambda: ours(table), "traindx, 2 threads": lambda: ours(table, threads=2)}
    if installed("polars"):
        import polars as pl

        frame = pl.from_numpy(table)
        ways["polars is_duplicated"] = lambda: int(frame.is_duplicated().sum())
    if installed("pandas"):
        import pandas as pd

        data = pd.DataFrame(table)
        ways["pandas duplicated"] = lambda: int(data.duplicated(keep=False).sum())
    ways["numpy.unique of rows"] = lambda: by_numpy(table)
    return ways


def documents(count: int, words: int = 50) -> list[str]:
    """Texts of random words; every twentieth one is an earlier one with a word changed."""
    rng = np.random.default_rng(1)
    letters = np.array(list(string.ascii_lowercase))
    vocabulary = ["".join(rng.choice(letters, size)) for size in rng.integers(2, 9, 20_000)]
    made = [[vocabulary[i] for i in row] for row in rng.integers(0, 20_000, (count, words)).tolist()]
    for at in range(20, count, 20):
        made[at] = [*made[at - 13][:-1], "changed"]
    return [" ".join(text) for text in made]


def near_ours(texts: list[str], cut: Shingling) -> int:
    half = len(texts) // 2
    sources = [
        MemorySource(np.array(some, dtype=object), name="text", kind="text") for some in (texts[:half], texts[half:])
    ]
    found, _ = near_texts(sources[0], sources[1], cut=cut)
    return found.close + found.train_close


def by_datasketch(texts: list[str]) -> int:
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(threshold=0.8, num_perm=128)
    near = 0
    for at, text in enumerate(texts):
        sketch = MinHash(num_perm=128)
        sketch.update_batch([word.encode() for word in text.split()])
        near += bool(index.query(sketch))
        index.insert(at, sketch)
    return near


def by_rensa(texts: list[str]) -> int:
    import rensa

    index = rensa.RMinHashLSH(threshold=0.8, num_perm=128, num_bands=16)
    near = 0
    for at, text in enumerate(texts):
        sketch = rensa.RMinHash(num_perm=128, seed=42)
        sketch.update(text.split())
        near += bool(index.query(sketch))
        index.insert(at, sketch)
    return near


def text_ways(texts: list[str]) -> Ways:
    ways: Ways = {
        "traindx, words, pairs verified": lambda: near_ours(texts, Shingling("word", 1)),
        "traindx, three words, pairs verified": lambda: near_ours(texts, Shingling("word", 3)),
        "traindx, five characters, pairs verified": lambda: near_ours(texts, Shingling()),
    }
    if installed("rensa"):
        ways["rensa, words, not verified"] = lambda: by_rensa(texts)
    return ways


def growth() -> None:
    print("\ngrowth (16 float32 a row; a hundredth copied)")
    for rows in (100_000, 1_000_000, 10_000_000):
        table = rows_with_copies(rows, 0.01)
        seconds = cpu_of(lambda table=table: ours(table))
        print(f"{rows:>12,} rows {seconds:8.3f} CPU s {1e9 * seconds / rows:8.1f} ns a row")
    print("growth (all rows alike)")
    for rows in (100_000, 1_000_000, 4_000_000):
        table = np.zeros((rows, 16), dtype=np.float32)
        seconds = cpu_of(lambda table=table: ours(table))
        print(f"{rows:>12,} rows {seconds:8.3f} CPU s {1e9 * seconds / rows:8.1f} ns a row")
    print("growth (texts of 50 words)")
    for count in (10_000, 30_000, 100_000):
        texts = documents(count)
        seconds = cpu_of(lambda texts=texts: near_ours(texts, Shingling()))
        print(f"{count:>12,} texts {seconds:8.3f} CPU s {1e6 * seconds / count:8.1f} us a text")


def memory(rows: int) -> None:
    table = rows_with_copies(rows, 0.01)
    for budget in (1 << 30, 16 << 20):
        tracemalloc.start()
        count = int(duplicate_groups(MemorySource(table), budget_bytes=budget).sizes.sum())
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        print(f"memory for {rows:,} rows within {budget >> 20:,} MiB: {peak / 1e6:.0f} MB at most, {count:,} found")


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--rows", type=int, default=2_000_000)
    options.add_argument("--documents", type=int, default=20_000)
    options.add_argument("--growth", action="store_true")
    chosen = options.parse_args()
    ours(rows_with_copies(100, 0.5))  # compiles
    near_ours(documents(100), Shingling())
    rows = chosen.rows
    for share in (0.01, 0.5):
        table = rows_with_copies(rows, share)
        title = f"{rows:,} rows of 64 bytes, {share:.0%} of them overwritten with others"
        compare(title, "rows", rows, row_ways(table))
    texts = documents(chosen.documents)
    compare(f"{len(texts):,} texts of 50 words, 1 in 20 nearly an earlier one", "texts", len(texts), text_ways(texts))
    if installed("datasketch"):
        some = texts[:2000]
        ways = {
            "traindx, words, pairs verified": lambda: near_ours(some, Shingling("word", 1)),
            "datasketch, words, not verified": lambda: by_datasketch(some),
        }
        compare(f"{len(some):,} of them", "texts", len(some), ways)
    memory(rows)
    if chosen.growth:
        growth()


if __name__ == "__main__":
    main()

"""Reading tables: CPU seconds per million scalars, beside what others take for the same file in the same run.

Ways are interleaved and medians are given, with the ratio to the limit: mapping the file and summing its bytes. Memory
is the growth of the resident peak in a fresh process. Run as ``python benchmarks/bench_csv.py [--largest 10000000]``;
pandas and polars are compared where they are installed.
"""

from __future__ import annotations

import argparse
import importlib.util
import mmap
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

SERIES = 10
ROUNDS = 5


def dense(path: Path, rows: int, digits: str) -> None:
    """All series on all rows."""
    values = np.random.default_rng(0).lognormal(size=(rows, SERIES))
    with path.open("w") as out:
        out.write("step," + ",".join(f"m{i}" for i in range(SERIES)) + "\n")
        out.writelines(
            f"{i}," + ",".join(format(v, digits) for v in row) + "\n" for i, row in enumerate(values.tolist())
        )


def sparse(path: Path, rows: int, digits: str) -> None:
    """Three rows for each step, on each of which a third of the series was logged, with line ends as csv writes them."""
    values = np.random.default_rng(0).lognormal(size=(rows, SERIES))
    groups = [{0, 1, 2}, {3, 4, 5, 6}, {7, 8, 9}]
    with path.open("w", newline="") as out:
        out.write("step," + ",".join(f"m{i}" for i in range(SERIES)) + "\r\n")
        for i, row in enumerate(values.tolist()):
            for group in groups:
                out.write(
                    f"{i}," + ",".join(format(v, digits) if j in group else "" for j, v in enumerate(row)) + "\r\n"
                )


def limit(path: Path) -> None:
    """Map the file and add up its bytes."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        view = np.frombuffer(mapped, dtype=np.uint8)
        _ = int(view.sum())
        del view


def traindx(path: Path) -> None:
    """Read the file as the product does."""
    from traindx.readers import LogFile
    from traindx.readers.csv_table import READER

    with path.open("rb") as file:
        log = LogFile(str(path), memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)))
    _ = READER.read(log)


def loadtxt(path: Path) -> None:
    """Read the file by numpy alone, which knows no blank cell."""
    _ = np.loadtxt(path, delimiter=",", skiprows=1)


def pandas(path: Path) -> None:
    """Read the file by pandas, to arrays. Its default parser is not exact in the last bits."""
    import pandas as pd

    _ = [column.to_numpy() for _, column in pd.read_csv(path).items()]


def polars(path: Path) -> None:
    """Read the file by polars, to arrays."""
    import polars as pl

    _ = [column.to_numpy() for column in pl.read_csv(path, infer_schema_length=None)]


def ways(kind: str) -> dict[str, Callable[[Path], None]]:
    """Return what can be compared here."""
    found: dict[str, Callable[[Path], None]] = {"limit": limit, "traindx": traindx}
    if kind != "sparse":
        found["numpy.loadtxt"] = loadtxt
    for way in (pandas, polars):
        if importlib.util.find_spec(way.__name__) is not None:
            found[way.__name__] = way
    return found


def cpu(way: Callable[[Path], None], path: Path) -> float:
    """Return the CPU seconds, of all threads, that one reading takes."""
    start = time.process_time()
    way(path)
    return time.process_time() - start


def compare(path: Path, kind: str) -> None:
    """Print the medians of all ways for one file, interleaved."""
    table = ways(kind)
    for way in table.values():
        way(path)  # imports and page cache
    times = {name: list[float]() for name in table}
    for _ in range(ROUNDS):
        for name, way in table.items():
            times[name].append(cpu(way, path))
    base = statistics.median(times["limit"])
    for name, seconds in times.items():
        median = statistics.median(seconds)
        print(f"{kind:8} {name:14} {median:8.3f} s  {median / base:7.0f} x limit  best {min(seconds):.3f}")


def peak_kib() -> int:
    """Return the resident peak of this process, as Linux tells it."""
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))


def memory(path: Path) -> None:
    """Print the growth of the resident peak while one file is read in a fresh process, against its arrays."""
    program = (
        "import sys; sys.path.insert(0, sys.argv[2])\n"
        "import bench_csv, pathlib, traindx.readers.csv_table\n"
        "before = bench_csv.peak_kib()\n"
        "bench_csv.traindx(pathlib.Path(sys.argv[1]))\n"
        "print(bench_csv.peak_kib() - before)\n"
    )
    out = subprocess.run(
        [sys.executable, "-c", program, str(path), str(Path(__file__).parent)],
        capture_output=True,
        check=True,
        text=True,
    )
    size = path.stat().st_size / 2**20
    print(f"{path.name:22} peak +{int(out.stdout) / 1024:.0f} MiB, of which the mapped file at most {size:.0f} MiB")


def main() -> None:
    """Run all comparisons."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--largest", type=int, default=10_000_000, help="the most scalars of the growth table")
    largest = parser.parse_args().largest
    with tempfile.TemporaryDirectory() as folder:
        for kind, make, digits in (("dense", dense, ".6g"), ("dense17", dense, ".17g"), ("sparse", sparse, ".6g")):
            path = Path(folder, f"{kind}.csv")
            make(path, 100_000, digits)
            compare(path, kind)
            memory(path)
        size = 10_000
        while size <= largest:
            path = Path(folder, f"growth-{size}.csv")
            dense(path, size // SERIES, ".6g")
            seconds = min(cpu(traindx, path) for _ in range(3))
            print(f"growth   {size:>10,} scalars  {seconds:8.4f} s  {seconds / size * 1e6:.3f} s per million")
            memory(path)
            size *= 10


if __name__ == "__main__":
    main()

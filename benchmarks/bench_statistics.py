"""Statistics of 1 GB of float32 (rows x 64): mean, deviation, extremes and NaN of each column, beside the limit and beside others.

Run ``python benchmarks/bench_statistics.py [megabytes] [section ...]`` with sections among npy, hdf5, gzip, zarr, zstd, parquet, memory,
sparse, dask, growth, engines. Every figure is the median of CPU seconds (of all threads) over interleaved runs in one process; memory is
the growth of the resident peak of a fresh process. ``traindx`` measures more than its peers: also the third and fourth moments, infinities
and zeros; ``and histograms`` adds quantiles, commonest values and shares of squares.
"""

from __future__ import annotations

import importlib.util
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from traindx.arrays import open_arrays
from traindx.dataset import profile

COLUMNS = 64
Ways = dict[str, tuple[int, Callable[[], object]]]  # how many turns, and what to do


def main() -> None:
    sections = {
        "npy": bench_npy,
        "hdf5": lambda folder, rows: bench_hdf5(folder, rows, None),
        "gzip": lambda folder, rows: bench_hdf5(folder, rows // 4, "gzip"),
        "zarr": lambda folder, rows: bench_zarr(folder, rows, compressed=False),
        "zstd": lambda folder, rows: bench_zarr(folder, rows // 4, compressed=True),
        "parquet": bench_parquet,
        "engines": bench_engines,
        "memory": bench_memory,
        "sparse": bench_sparse,
        "dask": bench_dask,
        "growth": bench_growth,
    }
    numbers = [int(word) for word in sys.argv[1:] if word.isdigit()]
    rows = (numbers[0] if numbers else 1024) * (1 << 20) // (4 * COLUMNS)
    wanted = [word for word in sys.argv[1:] if not word.isdigit()] or list(sections)
    for name in wanted:
        with tempfile.TemporaryDirectory(prefix="bench_statistics_") as folder:
            print(f"\n## {name}")
            sections[name](Path(folder), rows)


def write_npy(path: Path, rows: int) -> Path:
    values = np.lib.format.open_memmap(path, "w+", np.float32, (rows, COLUMNS))
    rng = np.random.default_rng(0)
    for start in range(0, rows, 1 << 16):
        part = values[start : start + (1 << 16)]
        rng.standard_normal(out=(block := np.empty(part.shape, np.float32)), dtype=np.float32)
        part[...] = block + 3
    values.flush()
    return path


def interleaved(ways: Ways, limit: str, own: str = "traindx") -> None:
    """Print the median CPU seconds of each way, taken in turns, and its ratios to ``limit`` and to ``own``."""
    spent: dict[str, list[float]] = {name: [] for name in ways}
    walls: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(max(turns for turns, _ in ways.values())):
        for name, (turns, work) in ways.items():
            if turn < turns:
                start, wall = time.process_time(), time.perf_counter()
                work()
                spent[name].append(time.process_time() - start)
                walls[name].append(time.perf_counter() - wall)
    medians = {name: statistics.median(times) for name, times in spent.items()}
    print(f"{'way':<36}{'CPU s':>9}{'wall s':>9}{'x limit':>9}{'x traindx':>11}")
    for name, median in medians.items():
        wall = statistics.median(walls[name])
        print(f"{name:<36}{median:>9.3f}{wall:>9.3f}{median / medians[limit]:>9.2f}{median / medians[own]:>11.2f}")


def bench_npy(folder: Path, rows: int) -> None:
    path = write_npy(folder / "x.npy", rows)
    profile(path)  # compiles what is not yet compiled
    ways: Ways = {
        "preadv": (5, lambda: preadv(path)),
        "numpy sum of the mapped file": (5, lambda: np.load(path, mmap_mode="r").sum()),
        "traindx": (5, lambda: profile(path, quantiles=False)),
        "traindx and histograms": (5, lambda: profile(path)),
        "numpy's nan-functions": (1, lambda: nan_functions(path)),
        "sklearn StandardScaler.partial_fit": (1, lambda: standard_scaler(path)),
        "dask.array": (1, lambda: dask_array(path)),
        "torch": (1, lambda: with_torch(path)),
    }
    interleaved(ways, "preadv")


def preadv(path: Path) -> None:
    buffer = np.empty(8 << 20, np.uint8)
    file, offset = os.open(path, os.O_RDONLY), 0
    while size := os.preadv(file, [buffer], offset):
        offset += size
    os.close(file)


def nan_functions(path: Path) -> object:
    x = np.load(path, mmap_mode="r")
    return [np.nanmean(x, 0), np.nanstd(x, 0), np.nanmin(x, 0), np.nanmax(x, 0), np.isnan(x).sum(0)]


def standard_scaler(path: Path) -> object:
    from sklearn.preprocessing import StandardScaler

    scaler, x = StandardScaler(), np.load(path, mmap_mode="r")
    for start in range(0, len(x), 1 << 16):
        scaler.partial_fit(x[start : start + (1 << 16)])
    return scaler


def dask_array(path: Path) -> object:
    import dask
    import dask.array as da

    x = da.from_array(np.load(path, mmap_mode="r"), chunks=(1 << 16, COLUMNS))
    return dask.compute(x.mean(0), x.std(0), x.min(0), x.max(0), da.isnan(x).sum(0), scheduler="threads")


def with_torch(path: Path) -> object:
    import torch

    x = torch.from_numpy(np.load(path, mmap_mode="c"))
    return [*torch.std_mean(x, dim=0), *torch.aminmax(x, dim=0), torch.isnan(x).sum(0)]


def bench_hdf5(folder: Path, rows: int, compression: str | None) -> None:
    import h5py

    values = np.load(write_npy(folder / "x.npy", rows), mmap_mode="r")
    path = folder / "x.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("x", data=values, chunks=(4096, COLUMNS), compression=compression)

    def through_h5py() -> None:
        with h5py.File(path) as file:
            buffer = np.empty((1 << 14, COLUMNS), np.float32)
            for start in range(0, rows, 1 << 14):
                file["x"].read_direct(
                    buffer, np.s_[start : min(start + (1 << 14), rows)], np.s_[: min(1 << 14, rows - start)]
                )

    ways: Ways = {
        "preadv": (3, lambda: preadv(path)),
        "h5py's own read": (3, through_h5py),
        "traindx.arrays, reading alone": (3, lambda: read_all(path)),
        "traindx": (3, lambda: profile(path, quantiles=False)),
    }
    interleaved(ways, "preadv" if compression is None else "h5py's own read")


def read_all(path: Path) -> None:
    sources = list(open_arrays(path).values())
    step = max(1, (4 << 20) // sum(source.row_bytes for source in sources))
    buffers = [np.empty((step, *source.shape[1:]), source.dtype) for source in sources]
    for start in range(0, len(sources[0]), step):
        for source, buffer in zip(sources, buffers, strict=True):
            source.read(start, start + step, out=buffer)


def bench_zarr(folder: Path, rows: int, *, compressed: bool) -> None:
    import zarr

    values = np.load(write_npy(folder / "x.npy", rows), mmap_mode="r")
    path = folder / "x.zarr"
    array = zarr.create_array(
        path,
        shape=values.shape,
        chunks=(1 << 15, COLUMNS),
        dtype="float32",
        compressors="auto" if compressed else None,
    )
    for start in range(0, rows, 1 << 15):
        array[start : start + (1 << 15)] = values[start : start + (1 << 15)]

    def through_zarr() -> None:
        stored = zarr.open_array(path, mode="r")
        for start in range(0, rows, 1 << 15):
            stored[start : start + (1 << 15)]

    ways: Ways = {
        "zarr's own read": (3, through_zarr),
        "traindx.arrays, reading alone": (3, lambda: read_all(path)),
        "traindx": (3, lambda: profile(path, quantiles=False)),
    }
    interleaved(ways, "zarr's own read")


def bench_parquet(folder: Path, rows: int) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    values = np.load(write_npy(folder / "x.npy", rows), mmap_mode="r")
    path, names = folder / "x.parquet", [f"c{number}" for number in range(COLUMNS)]
    schema = pa.schema([(name, pa.float32()) for name in names])
    with pq.ParquetWriter(path, schema) as writer:
        for start in range(0, rows, 1 << 16):
            part = np.ascontiguousarray(values[start : start + (1 << 16)].T)
            writer.write_table(pa.table(list(part), schema=schema))
    (folder / "x.npy").unlink()

    def through_pyarrow() -> None:
        for _ in pq.ParquetFile(path).iter_batches(1 << 16):
            pass

    ways: Ways = {
        "pyarrow's own read": (3, through_pyarrow),
        "traindx.arrays, reading alone": (3, lambda: read_all(path)),
        "traindx": (3, lambda: profile(path, quantiles=False)),
        "traindx and histograms": (1, lambda: profile(path)),
        "polars": (3, lambda: with_polars(path)),
        "pyarrow": (1, lambda: with_pyarrow(path)),
    }
    if importlib.util.find_spec("duckdb"):
        ways["duckdb"] = (1, lambda: with_duckdb(path, names))
    interleaved(ways, "pyarrow's own read")


def with_polars(path: Path) -> object:
    import polars as pl
    from polars import selectors as cs

    every = cs.all()
    return (
        pl.scan_parquet(path)
        .select(
            every.mean().name.suffix("_mean"),
            every.std().name.suffix("_sd"),
            every.min().name.suffix("_min"),
            every.max().name.suffix("_max"),
            every.is_nan().sum().name.suffix("_nan"),
        )
        .collect()
    )


def with_pyarrow(path: Path) -> object:
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    return [(pc.mean(one), pc.stddev(one), pc.min_max(one), pc.sum(pc.is_nan(one))) for one in table.columns]


def with_duckdb(path: Path, names: list[str]) -> object:
    import duckdb

    wanted = ", ".join(
        f"avg({name}), stddev_pop({name}), min({name}), max({name}), count(*) filter (isnan({name}))" for name in names
    )
    return duckdb.sql(f"select {wanted} from '{path}'").fetchall()


def bench_engines(folder: Path, rows: int) -> None:
    """One answer, whatever measured it."""
    path = write_npy(folder / "x.npy", rows)
    first = None
    for engine, threads in (("one", 1), ("threads", 1), ("threads", 2), ("threads", 7), ("processes", 2)):
        start = time.perf_counter()
        found = profile(path, engine=engine, threads=threads)
        first = first or repr(found)
        same = "the same to the last bit" if repr(found) == first else "ANOTHER ANSWER"
        print(f"{engine:<12}{threads:>3} workers{time.perf_counter() - start:>9.2f} s   {same}")


def bench_memory(folder: Path, rows: int) -> None:
    print(f"{'MB':>8}{'moments, MB':>14}{'histograms, MB':>16}")
    for share in (16, 4, 1):
        path = write_npy(folder / f"x{share}.npy", rows // share)
        peaks = [lifted_peak(path, histograms) for histograms in (False, True)]
        print(f"{rows // share * 4 * COLUMNS >> 20:>8}{peaks[0]:>14.0f}{peaks[1]:>16.0f}")
        path.unlink()


def bench_sparse(folder: Path, rows: int) -> None:
    """20 GB that take no room on the disk: all zeros, but read and measured as any others."""
    del rows
    path, many = folder / "sparse.npy", 20 * (1 << 30) // (4 * COLUMNS)
    header = {"descr": "<f4", "fortran_order": False, "shape": (many, COLUMNS)}
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, header)
        file.truncate(file.tell() + many * 4 * COLUMNS)
    for histograms in (False, True):
        start = time.perf_counter()
        peak = lifted_peak(path, histograms)
        print(
            f"20 GB, histograms {histograms}: {time.perf_counter() - start:.1f} s, peak {peak:.0f} MB over the imports"
        )


def lifted_peak(path: Path, histograms: bool) -> float:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(measured_peak, (path, histograms))


def measured_peak(path: Path, histograms: bool) -> float:
    small = path.with_name("small.npy")
    np.save(small, np.random.default_rng(0).standard_normal((1 << 18, COLUMNS), np.float32))  # enough for machine code
    profile(small, quantiles=histograms, threads=1)  # numba and its machine code are no part of what grows
    small.unlink()
    before = peak_mb("VmRSS:")
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak begins anew
    profile(path, quantiles=histograms)
    return peak_mb("VmHWM:") - before


def peak_mb(what: str) -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split(what)[1].split()[0]) / 1024


def bench_dask(folder: Path, rows: int) -> None:
    """CPU seconds of client and workers (not of the scheduler) on a cluster of two, beside two threads, and wall seconds of both."""
    from distributed import Client, LocalCluster

    path = write_npy(folder / "x.npy", rows * 4)
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0", silence_logs=50) as cluster,
        Client(cluster) as client,
    ):
        address = cluster.scheduler_address.replace("tcp://", "dask://")

        def spent() -> float:
            return time.process_time() + sum(client.run(time.process_time).values())

        for histograms in (False, True):
            figures: dict[str, list[tuple[float, float]]] = {"threads": [], address: []}
            for _ in range(6):
                for engine, found in figures.items():
                    start, wall = spent(), time.perf_counter()
                    profile(path, engine=engine, threads=2, quantiles=histograms)
                    wall = time.perf_counter() - wall
                    found.append((spent() - start, wall))
            (ours, wall), (theirs, far) = (np.median(found[1:], axis=0) for found in figures.values())
            print(
                f"{path.stat().st_size >> 20} MB, histograms {histograms}: two threads {ours:.2f} CPU s, {wall:.2f} s; ",
                end="",
            )
            print(f"two workers {theirs:.2f} CPU s, {far:.2f} s: x {theirs / ours:.2f} CPU, x {far / wall:.2f} wall")


def bench_growth(folder: Path, rows: int) -> None:
    print(f"{'rows':>10}{'columns':>9}{'CPU s':>9}{'ns/value':>10}{'with histograms':>17}")
    for share in (64, 16, 4, 1):
        path = write_npy(folder / "x.npy", rows // share)
        for columns in (COLUMNS, 1, 4096):
            shaped = np.load(path, mmap_mode="r").reshape(-1, columns)
            spent = []
            for histograms in (False, True):
                start = time.process_time()
                profile(shaped, quantiles=histograms)
                spent.append(time.process_time() - start)
            each = spent[0] / shaped.size * 1e9
            print(f"{len(shaped):>10}{columns:>9}{spent[0]:>9.3f}{each:>10.2f}{spent[1]:>17.3f}")
        path.unlink()


if __name__ == "__main__":
    main()

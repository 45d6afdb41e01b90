"""Reading arrays from files: CPU seconds per GB of ours, of preadv into a reused buffer, and of each library's own full read.

Run ``python benchmarks/bench_arrays.py [megabytes] [folder] [name]``; a name picks the formats that have it in theirs. Each figure is the median of repeats taken in turns in one process, from files that
the page cache holds; memory is the growth of the resident peak in a fresh process. The files are deleted afterwards.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq
import zarr

from measuring import cpu_of
from traindx.arrays import ArraySource, open_array, open_arrays

WIDTH = 64
REPEATS = 5
BLOCK = 4 << 20


def preadv(path: Path) -> None:
    """The limit: the bytes of a file into one buffer."""
    buffer = bytearray(BLOCK)
    with path.open("rb", buffering=0) as file:
        place = 0
        while count := os.preadv(file.fileno(), [buffer], place):
            place += count


def ours(path: Path) -> None:
    tables: dict[str, list[ArraySource]] = {}
    for name, source in open_arrays(path).items():
        tables.setdefault(source.table or f"\0{name}", []).append(source)
    for sources in tables.values():
        if len(sources) == 1:
            read_whole(sources[0])
        else:
            read_together(sources)


def read_together(sources: list[ArraySource]) -> None:
    """Read the columns of a table that is decoded by rows: a block of each, then the next block."""
    rows = max(source.block_rows for source in sources)
    for start in range(0, len(sources[0]), rows):
        for source in sources:
            source.read(start, start + rows)


def read_whole(source: ArraySource) -> None:
    """Read a source as a measurement does: in order, block by block, into one buffer."""
    rows = max(1, BLOCK // source.row_bytes // source.block_rows) * source.block_rows
    rows = min(rows, len(source))
    out = np.empty((rows, *source.shape[1:]), dtype=source.dtype)
    for start in range(0, len(source), rows):
        source.read(start, start + rows, out=out)


def by_h5py(path: Path) -> None:
    with h5py.File(path) as file:
        data = file["x"]
        rows = max(BLOCK // (4 * WIDTH) // (data.chunks or (1,))[0], 1) * (data.chunks or (1,))[0]
        out = np.empty((rows, WIDTH), dtype=np.float32)
        for start in range(0, len(data), rows):
            stop = min(start + rows, len(data))
            data.read_direct(out, np.s_[start:stop], np.s_[: stop - start])


def by_zarr(path: Path) -> None:
    data = zarr.open_array(path, mode="r")
    rows = max(1, BLOCK // (4 * WIDTH) // data.chunks[0]) * data.chunks[0]
    for start in range(0, data.shape[0], rows):
        _ = data[start : start + rows]


def by_parquet(path: Path) -> None:
    file = pq.ParquetFile(path)
    for name in file.schema_arrow.names:
        for group in range(file.num_row_groups):
            for chunk in file.read_row_group(group, columns=[name], use_threads=False)[name].chunks:
                column = chunk.flatten() if pa.types.is_fixed_size_list(chunk.type) else chunk
                column.to_numpy(zero_copy_only=False)


def by_arrow(path: Path) -> None:
    with pa.memory_map(str(path)) as mapped:
        reader = pa.ipc.open_file(mapped)
        for number in range(reader.num_record_batches):
            _ = np.array(reader.get_batch(number).column(0).flatten().to_numpy())


def by_numpy(path: Path) -> None:
    data = np.load(path, mmap_mode="r")
    out = np.empty((BLOCK // (4 * WIDTH), WIDTH), dtype=np.float32)
    for start in range(0, len(data), len(out)):
        part = data[start : start + len(out)]
        out[: len(part)] = part


def by_npz(path: Path) -> None:
    _ = np.load(path)["x"]


def by_pandas(path: Path) -> None:
    import pandas as pd

    for _ in pd.read_csv(path, chunksize=16_384):
        pass


def values(rows: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(rows, WIDTH)).astype(np.float32)


def write_hdf5(path: Path, array: np.ndarray, **settings: object) -> None:
    with h5py.File(path, "w") as file:
        file.create_dataset("x", data=array, **settings)


def write_parquet(path: Path, array: np.ndarray, *, columns: bool) -> None:
    if columns:
        table = pa.table({f"c{number}": array[:, number] for number in range(WIDTH)})
    else:
        table = pa.table({"x": pa.FixedSizeListArray.from_arrays(pa.array(array.reshape(-1)), WIDTH)})
    pq.write_table(table, path, row_group_size=1 << 18, use_dictionary=False)


def write_arrow(path: Path, array: np.ndarray) -> None:
    table = pa.table({"x": pa.FixedSizeListArray.from_arrays(pa.array(array.reshape(-1)), WIDTH)})
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=16_384)


def write_csv(path: Path, array: np.ndarray) -> None:
    import pandas as pd

    pd.DataFrame(array[: len(array) // 8]).to_csv(path, index=False)


CHUNKS = (4096, WIDTH)  # 1 MB
Case = tuple[str, str, Callable[[Path, np.ndarray], object], Callable[[Path], None] | None]
CASES: list[Case] = [
    ("NPY", "a.npy", np.save, by_numpy),
    ("NPY, Fortran order", "f.npy", lambda path, array: np.save(path, np.asfortranarray(array)), by_numpy),
    ("NPZ, stored", "a.npz", lambda path, array: np.savez(path, x=array), by_npz),
    ("NPZ, deflated", "d.npz", lambda path, array: np.savez_compressed(path, x=array[: len(array) // 4]), by_npz),
    ("HDF5, contiguous", "a.h5", write_hdf5, by_h5py),
    ("HDF5, chunked", "c.h5", lambda path, array: write_hdf5(path, array, chunks=CHUNKS), by_h5py),
    ("HDF5, small chunks", "s.h5", lambda path, array: write_hdf5(path, array, chunks=(256, WIDTH)), by_h5py),
    ("HDF5, gzip", "g.h5", lambda path, array: write_hdf5(path, array, chunks=CHUNKS, compression="gzip"), by_h5py),
    (
        "HDF5, gzip and shuffle",
        "gs.h5",
        lambda path, array: write_hdf5(path, array, chunks=CHUNKS, compression="gzip", shuffle=True),
        by_h5py,
    ),
    (
        "Zarr, uncompressed",
        "a.zarr",
        lambda path, array: zarr.create_array(path, data=array, chunks=CHUNKS, compressors=None),
        by_zarr,
    ),
    ("Zarr, zstd", "z.zarr", lambda path, array: zarr.create_array(path, data=array, chunks=CHUNKS), by_zarr),
    ("Parquet, 64 columns", "c.parquet", lambda path, array: write_parquet(path, array, columns=True), by_parquet),
    ("Parquet, rows of 64", "l.parquet", lambda path, array: write_parquet(path, array, columns=False), by_parquet),
    ("Arrow", "a.arrow", write_arrow, by_arrow),
    ("CSV, 64 columns", "a.csv", write_csv, by_pandas),
]


def bytes_of(path: Path) -> int:
    return sum(source.row_bytes * len(source) for source in open_arrays(path).values())


def compare(name: str, path: Path, library: Callable[[Path], None] | None, limit: Path) -> None:
    if path.is_file() and path.stat().st_size > 0.9 * limit.stat().st_size:
        limit = path  # where the values are not compressed, the very bytes
    ways: dict[str, Callable[[], None]] = {"preadv": lambda: preadv(limit), "traindx": lambda: ours(path)}
    if library is not None:
        ways["library"] = lambda: library(path)
    spent: dict[str, list[float]] = {way: [] for way in ways}
    for turn in range(REPEATS + 1):
        for way, work in ways.items():
            seconds = cpu_of(work)
            if turn:
                spent[way].append(seconds)
    size = bytes_of(path) / 1e9
    own, bare = (
        statistics.median(spent["traindx"]) / size,
        statistics.median(spent["preadv"]) / limit.stat().st_size * 1e9,
    )
    theirs = statistics.median(spent["library"]) / size if library else float("nan")
    print(
        f"{name:<26}{own:>9.3f}{theirs:>9.3f}{bare:>9.3f}{own / bare:>10.2f}{own / theirs:>11.2f}{lifted(path):>9.0f}"
    )


def lifted(path: Path) -> float:
    """Return how far reading lifts the peak of a fresh process that has its imports done, in MB."""
    found = subprocess.run([sys.executable, __file__, "memory", str(path)], check=True, capture_output=True, text=True)
    return float(found.stdout)


def memory(path: Path) -> None:
    for module in ("h5py", "zarr", "pyarrow.parquet", "deflate", "numba", "pandas"):
        __import__(module)
    sources = open_arrays(path)
    next(iter(sources.values())).read(0, 1)  # the libraries' own threads and pools
    before = peak()
    ours(path)
    print(peak() - before)


def peak() -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def growth(folder: Path) -> None:
    print("\nHow the cost grows with the number of chunks (HDF5 of 256 MB, chunks of whole rows):")
    array = values(1 << 20)
    for rows in (16, 64, 256, 1024, 4096, 16_384):
        path = folder / "grow.h5"
        write_hdf5(path, array, chunks=(rows, WIDTH))
        start = time.process_time()
        ours(path)
        spent = time.process_time() - start
        print(f"{(1 << 20) // rows:>9} chunks of {rows * WIDTH * 4 / 1024:>7.0f} kB {spent:>8.3f} CPU s")
        path.unlink()


def sparse(folder: Path) -> None:
    path = folder / "sparse.npy"
    rows = 20_000_000_000 // (4 * WIDTH)
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "<f4", "fortran_order": False, "shape": (rows, WIDTH)})
        file.truncate(file.tell() + rows * 4 * WIDTH)
    start = time.process_time()
    source = open_array(path)
    opened = time.process_time() - start
    places = np.random.default_rng(0).integers(0, rows - 100, size=1000)
    start = time.process_time()
    for place in places.tolist():
        source.read(place, place + 100)
    print(
        f"\n20 GB, sparse: opened in {opened * 1e3:.1f} ms, 1,000 samples of 100 rows in {(time.process_time() - start) * 1e3:.0f} ms"
    )
    path.unlink()


def main() -> None:
    if sys.argv[1:2] == ["memory"]:
        memory(Path(sys.argv[2]))
        return
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with tempfile.TemporaryDirectory(dir=sys.argv[2] if len(sys.argv) > 2 else None) as name:
        folder = Path(name)
        array = values(size * 1_000_000 // (4 * WIDTH))
        limit = folder / "limit.bin"
        array.tofile(limit)
        print(f"{size} MB of float32, rows of {WIDTH}; CPU s per GB of values, ratios, and MB over the start")
        print(f"{'':<26}{'traindx':>9}{'library':>9}{'preadv':>9}{'x preadv':>10}{'x library':>11}{'peak MB':>9}")
        wanted = sys.argv[3] if len(sys.argv) > 3 else ""
        for label, file, write, library in CASES:
            if wanted not in label:
                continue
            path = folder / file
            write(path, array)
            compare(label, path, library, limit)
            subprocess.run(["rm", "-r", str(path)], check=True)
        growth(folder)
        sparse(folder)


if __name__ == "__main__":
    main()

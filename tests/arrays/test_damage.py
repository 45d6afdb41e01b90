"""Damaged files: whatever was cut off or flipped, the answer is values or one clear error, and it comes soon."""

from __future__ import annotations

import io
import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
import zarr
from PIL import Image
from safetensors.numpy import save_file

from traindx.arrays import open_arrays
from traindx.errors import TraindxError

from .test_folders import hugging_face, packed, sample

RNG = np.random.default_rng(8)
X = RNG.normal(size=(400, 6)).astype(np.float32)
TABLE = pa.table(
    {
        "x": X[:, 0],
        "n": pa.array([None if i % 9 == 0 else i for i in range(400)]),
        "text": [f"row {i % 7}" for i in range(400)],
        "vector": pa.array(list(X), pa.list_(pa.float32())),
        "tokens": [list(range(i % 4)) for i in range(400)],
        "word": pa.array(["a", "b"] * 200).dictionary_encode(),
    }
)


def write_hdf5(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file.create_dataset("a/gzip", data=X, chunks=(64, 6), compression="gzip", shuffle=True)
        file.create_dataset("a/chunked", data=X, chunks=(50, 4))
        file.create_dataset("lzf", data=X, chunks=(64, 6), compression="lzf")
        file["plain"] = X
        file["text"] = ["a", "bc"] * 20
        ragged = file.create_dataset("ragged", (3,), dtype=h5py.vlen_dtype(np.int32))
        ragged[0] = [1, 2, 3]


def write_arrow(path: Path, *, stream: bool) -> None:
    opened = pa.ipc.new_stream if stream else pa.ipc.new_file
    with pa.OSFile(str(path), "wb") as sink, opened(sink, TABLE.schema) as writer:
        writer.write_table(TABLE, max_chunksize=100)


def write_zip_store(path: Path) -> None:
    with zarr.storage.ZipStore(path, mode="w") as store:
        zarr.create_group(store).create_array("x", data=X, chunks=(100, 3))


def write_text(path: Path) -> None:
    path.write_text("a,b,c\n" + "".join(f'{i},"row {i}",{i / 7}\n' for i in range(400)))


def write_lines(path: Path) -> None:
    path.write_text("".join(json.dumps({"a": i, "b": [i, 2], "c": f"t{i}", "d": {"e": 1}}) + "\n" for i in range(200)))


def write_tar(path: Path) -> None:
    members: dict[str, bytes] = {}
    for number in range(6):
        members |= sample(number)
    packed(path, members)


def write_structured(path: Path) -> None:
    records = np.zeros(50, dtype=[("x", ">f4", (2,)), ("label", "U3"), ("when", "M8[s]"), ("c", "c8")])
    np.save(path, records)


FILES: dict[str, Callable[[Path], object]] = {
    "a.npy": lambda path: np.save(path, X),
    "structured.npy": write_structured,
    "a.npz": lambda path: np.savez(path, x=X, y=X[:, 0]),
    "deflated.npz": lambda path: np.savez_compressed(path, x=X, y=np.arange(400)),
    "a.safetensors": lambda path: save_file({"x": X, "y": X[:, 0].copy()}, path),
    "a.h5": write_hdf5,
    "a.parquet": lambda path: pq.write_table(TABLE, path, row_group_size=150),
    "checked.parquet": lambda path: pq.write_table(TABLE, path, compression="zstd", write_page_checksum=True),
    "a.arrow": lambda path: write_arrow(path, stream=False),
    "stream.arrow": lambda path: write_arrow(path, stream=True),
    "a.zarr.zip": write_zip_store,
    "a.csv": write_text,
    "a.jsonl": write_lines,
    "a.tar": write_tar,
    "a.pt": lambda path: torch.save({"x": torch.from_numpy(X), "y": torch.zeros(3, dtype=torch.bfloat16)}, path),
}
TURNS = 60


def read_all(path: Path) -> int:
    """Open everything and read it in blocks; return how many rows were read."""
    rows = 0
    for source in open_arrays(path).values():
        for start in range(0, min(len(source), 2000), max(1, min(150, source.block_rows))):
            try:
                rows += len(source.read(start, start + 150))
            except TraindxError as error:
                assert error.where.startswith(str(path))  # noqa: PT017
                assert "\n" not in str(error)  # noqa: PT017
    return rows


def damaged(data: bytes, rng: np.random.Generator) -> bytes:
    kind = rng.integers(4)
    if kind == 0:
        return data[: int(rng.integers(len(data)))]
    changed = bytearray(data)
    if kind == 1:
        for _ in range(int(rng.integers(1, 9))):
            changed[int(rng.integers(len(data)))] = int(rng.integers(256))
    elif kind == 2:  # headers and footers, where it hurts most
        edge = int(rng.integers(min(len(data), 400)))
        changed[edge if rng.random() < 0.5 else len(data) - 1 - edge] = int(rng.integers(256))
    else:
        place, length = int(rng.integers(len(data))), int(rng.integers(1, 200))
        changed[place : place + length] = rng.bytes(length) if rng.random() < 0.5 else b""
    return bytes(changed)


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
@pytest.mark.filterwarnings("ignore")  # of the libraries, about what they find
def test_a_damaged_file_gives_values_or_an_error_of_ours(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    FILES[name](path)
    assert read_all(path) > 0
    whole = path.read_bytes()
    begun = time.monotonic()
    for turn in range(TURNS):
        path.write_bytes(damaged(whole, np.random.default_rng(turn)))
        try:
            read_all(path)
        except TraindxError as error:
            assert str(path) in str(error)  # noqa: PT017
            assert "\n" not in str(error)  # noqa: PT017
    assert time.monotonic() - begun < 30


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["zarr 2", "zarr 3", "hugging face", "images"])
@pytest.mark.filterwarnings("ignore")
def test_a_damaged_folder_gives_values_or_an_error_of_ours(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "whole"
    if kind == "hugging face":
        hugging_face(folder, [TABLE.drop(["word"]), TABLE.drop(["word"])])
    elif kind == "images":
        (folder / "a").mkdir(parents=True)
        for number, form in enumerate(["png", "jpeg", "gif", "bmp", "tiff", "webp", "ppm"]):
            file = io.BytesIO()
            Image.fromarray(RNG.integers(0, 255, (20, 20, 3), dtype=np.uint8)).save(file, form)
            (folder / "a" / f"{number}.{form}").write_bytes(file.getvalue())
    else:
        root = zarr.open_group(folder, mode="w", zarr_format=2 if kind == "zarr 2" else 3)
        root.create_array("x", data=X, chunks=(100, 3))
    assert read_all(folder) > 0
    for turn in range(TURNS // 2):
        rng = np.random.default_rng(turn)
        copy = tmp_path / "copy"
        shutil.copytree(folder, copy)
        files = sorted(path for path in copy.rglob("*") if path.is_file() and path.stat().st_size)
        victim = files[int(rng.integers(len(files)))]
        victim.write_bytes(damaged(victim.read_bytes(), rng))
        try:
            read_all(copy)
        except TraindxError as error:
            assert str(copy) in str(error)  # noqa: PT017
        shutil.rmtree(copy)

"""HDF5 datasets give what h5py gives, in every layout; damage is named by chunk and rows, and the rest is read."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from traindx.arrays import ArraySource, Lost, open_array, open_arrays, read_around
from traindx.errors import UnreadableDataError, UsageError

RNG = np.random.default_rng(2)

LAYOUTS: dict[str, dict[str, Any]] = {
    "contiguous": {},
    "chunked": {"chunks": (64, 10)},
    "narrow chunks": {"chunks": (50, 3)},
    "gzip": {"chunks": (64, 10), "compression": "gzip"},
    "gzip and shuffle, narrow": {"chunks": (33, 4), "compression": "gzip", "shuffle": True},
    "shuffle": {"chunks": (64, 10), "shuffle": True},
    "lzf": {"chunks": (64, 10), "compression": "lzf"},
    "checksummed": {"chunks": (64, 10), "compression": "gzip", "fletcher32": True},
    "scaled": {"chunks": (64, 10), "scaleoffset": 0},
}


def blocks(source: ArraySource, rows: int) -> Iterator[np.ndarray[Any, Any]]:
    for start in range(0, len(source), rows):
        yield source.read(start, start + rows).copy()


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", ["<f4", ">f4", "<i8", ">u2", "f2", "u1"])
def test_every_layout_gives_what_h5py_gives(tmp_path: Path, layout: str, dtype: str) -> None:
    if layout == "scaled" and np.dtype(dtype).kind == "f":
        dtype = dtype.replace("f", "i")
    array = (RNG.normal(size=(1000, 10)) * 50).astype(dtype)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("group/x", data=array, **LAYOUTS[layout])
    source = pickle.loads(pickle.dumps(open_array(tmp_path / "a.h5", "group/x")))
    assert source.dtype.isnative
    for rows in (7, 64, 1000):
        np.testing.assert_array_equal(np.concatenate(list(blocks(source, rows))), array)
    out = np.empty((300, 10), dtype=source.dtype)
    np.testing.assert_array_equal(source.read(130, 400, out=out), array[130:400])


def test_blocks_of_several_chunks_are_read_into_the_buffer(tmp_path: Path) -> None:
    array = RNG.normal(size=(100_000, 16)).astype(np.float32)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("x", data=array, chunks=(1000, 16))
    source = open_array(tmp_path / "a.h5")
    assert source.block_rows % 1000 == 0
    out = np.empty((source.block_rows, 16), dtype=np.float32)
    block = source.read(0, source.block_rows, out=out)
    assert np.shares_memory(block, out)
    np.testing.assert_array_equal(block, array[: source.block_rows])


def test_what_was_never_written_is_the_fill_value(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        data = file.create_dataset("x", shape=(1000, 4), chunks=(100, 4), dtype="f4", fillvalue=-1)
        data[500:600] = 7
        file.create_dataset("never", shape=(10,), dtype="i4", fillvalue=3)
    sources = open_arrays(tmp_path / "a.h5")
    expected = np.full((1000, 4), -1, dtype=np.float32)
    expected[500:600] = 7
    np.testing.assert_array_equal(sources["x"].read(0, 1000), expected)
    assert sources["never"].read(0, 10).tolist() == [3] * 10


def test_every_kind_of_dataset_has_its_place(tmp_path: Path) -> None:
    records = np.array([(1, 2.5, b"a"), (2, 3.5, b"b")], dtype=[("id", ">i4"), ("value", "f8"), ("tag", "S3")])
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["text"] = ["a", "dé"]
        file["fixed"] = np.array([b"x", b"yz"])
        file["records"] = records
        file["flag"] = np.array([True, False])
        file["scale"] = 2.5
        file["nothing"] = h5py.Empty("f4")
        file["empty"] = np.zeros((0, 3))
        file["complex"] = np.array([1 + 2j])
        ragged = file.create_dataset("ragged", (2,), dtype=h5py.vlen_dtype(np.int32))
        ragged[0], ragged[1] = [1, 2, 3], []
        file.create_dataset("reference", (1,), dtype=h5py.ref_dtype)
        file["link"] = h5py.SoftLink("/text")
    sources = open_arrays(tmp_path / "a.h5")
    assert sources["text"].read(0, 2).tolist() == ["a", "dé"]
    assert (sources["text"].kind, sources["ragged"].kind) == ("text", "list")
    assert sources["records.id"].read(0, 2).tolist() == [1, 2]
    assert sources["records.tag"].read(1, 2).tolist() == [b"b"]
    assert sources["flag"].read(0, 2).tolist() == [True, False]
    assert sources["scale"].read(0, 1).tolist() == [2.5]
    assert len(sources["nothing"]) == 0
    assert sources["empty"].read(0, 9).shape == (0, 3)
    assert sources["complex.imag"].read(0, 1).tolist() == [2.0]
    assert [row.tolist() for row in sources["ragged"].read(0, 2)] == [[1, 2, 3], []]
    with pytest.raises(UnreadableDataError, match="references"):
        sources["reference"].read(0, 1)
    assert "link" not in sources


@pytest.mark.parametrize("layout", ["contiguous", "chunked", "gzip", "gzip and shuffle, narrow"])
def test_text_and_lists_of_any_length_are_those_of_h5py(tmp_path: Path, layout: str) -> None:
    settings = {key: (50,) if key == "chunks" else value for key, value in LAYOUTS[layout].items()}
    words = ["é" * int(n) for n in RNG.integers(0, 40, size=700)]
    rows = [RNG.integers(0, 99, size=n).astype(">i2") for n in RNG.integers(0, 300, size=700)]
    with h5py.File(tmp_path / "a.h5", "w") as file:
        text = file.create_dataset("text", (900,), dtype=h5py.string_dtype(), **settings)
        text[:700] = words
        ragged = file.create_dataset("ragged", (900,), dtype=h5py.vlen_dtype(np.dtype(">i2")), **settings)
        for number, row in enumerate(rows):
            ragged[number] = row
        file.create_dataset("never", (10, 2), dtype=h5py.string_dtype())
        file["table"] = np.array([["a", "bc"], ["d", ""]], dtype=object)
    sources = pickle.loads(pickle.dumps(dict(open_arrays(tmp_path / "a.h5"))))
    assert sources["text"].read(5, 850).tolist() == (words + [""] * 200)[5:850]
    for found, row in zip(sources["ragged"].read(0, 900), [*rows, *[[]] * 200], strict=True):
        assert found.tolist() == list(row)
    assert sources["never"].read(9, 10).tolist() == [["", ""]]
    assert sources["table"].read(0, 2).tolist() == [["a", "bc"], ["d", ""]]


def test_text_behind_a_filter_that_is_not_undone_is_refused(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("text", data=["a", "b"], chunks=(2,), compression="lzf")
    with pytest.raises(UnreadableDataError, match="behind this compression"):
        open_array(tmp_path / "a.h5")


def test_groups_are_picked_whole(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for name in ("train/x", "train/y", "training", "val/x"):
            file[name] = np.arange(3)
    assert set(open_arrays(tmp_path / "a.h5", only=["train"])) == {"train/x", "train/y"}
    assert set(open_arrays(f"{tmp_path}/a.h5::val")) == {"val/x"}
    assert open_array(f"{tmp_path}/a.h5::train/y").name == "train/y"
    with pytest.raises(UsageError, match="holds 4 arrays"):
        open_array(tmp_path / "a.h5")


@pytest.mark.parametrize("layout", ["gzip", "gzip and shuffle, narrow", "checksummed"])
def test_a_damaged_chunk_is_named_and_the_others_are_read(tmp_path: Path, layout: str) -> None:
    array = RNG.normal(size=(1000, 10))
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        data = file.create_dataset("train/x", data=array, **LAYOUTS[layout])
        height = data.chunks[0]
        info = data.id.get_chunk_info_by_coord((3 * height, 0))
    with path.open("r+b") as raw:
        raw.seek(info.byte_offset + 20)
        raw.write(b"\xff" * 60)
    source = open_array(path)
    with pytest.raises(UnreadableDataError, match="cannot be read") as caught:
        source.read(3 * height, 3 * height + 5)
    assert caught.value.where == f"{path}:train/x chunk (3, 0), rows {3 * height}-{4 * height - 1}"
    np.testing.assert_array_equal(source.read(0, 3 * height), array[: 3 * height])
    good = np.ones(1000, dtype=bool)
    good[3 * height : 4 * height] = False
    pieces = list(read_around(source, 0, 1000))
    (lost,) = [piece for piece in pieces if isinstance(piece, Lost)]
    assert (lost.start, lost.stop, lost.error.where) == (3 * height, 4 * height, caught.value.where)
    kept = [piece[1] for piece in pieces if not isinstance(piece, Lost)]
    np.testing.assert_array_equal(np.concatenate(kept), array[good])


def test_rows_around_a_damaged_chunk_are_still_read(tmp_path: Path) -> None:
    array = RNG.normal(size=(40_000, 64))
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        data = file.create_dataset("x", data=array, chunks=(8192, 64), compression="gzip", compression_opts=1)
        info = data.id.get_chunk_info_by_coord((8192, 0))
    with path.open("r+b") as raw:
        raw.seek(info.byte_offset + 1000)
        raw.write(b"\xff" * 60)
    source = open_array(path)
    assert source.block_rows == 8192
    with pytest.raises(UnreadableDataError, match=r"chunk \(1, 0\), rows 8192-16383"):
        source.read(8192, 16384)
    np.testing.assert_array_equal(source.read(16384, 24576), array[16384:24576])
    np.testing.assert_array_equal(source.read(0, 8192), array[:8192])


def test_several_threads_read_one_source(tmp_path: Path) -> None:
    array = RNG.normal(size=(20_000, 8))
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("raw", data=array, chunks=(128, 8), compression="gzip")
        file.create_dataset("library", data=array, chunks=(128, 8), compression="lzf")
    for source in open_arrays(tmp_path / "a.h5").values():
        with ThreadPoolExecutor(4) as pool:
            parts = list(pool.map(lambda start: source.read(start, start + 37).copy(), range(0, 20_000, 37)))  # noqa: B023
        np.testing.assert_array_equal(np.concatenate(parts), array)


def test_a_file_that_was_cut_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("x", data=np.zeros(10_000))
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(UnreadableDataError, match=r"a\.h5: is not a whole HDF5 file: .*truncated") as caught:
        open_array(path)
    assert "cut off" in caught.value.hint


def test_values_in_other_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "beside.bin").write_bytes(bytes(80))
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("outside", shape=(10,), dtype="f8", external=[(str(tmp_path / "beside.bin"), 0, 80)])
    with pytest.raises(UnreadableDataError, match=r"a\.h5:outside: keeps its values in other files"):
        open_array(tmp_path / "a.h5")

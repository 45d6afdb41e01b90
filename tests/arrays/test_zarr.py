"""Zarr stores of both versions give what the library gives; a damaged chunk is named."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr
from zarr.codecs import BloscCodec, BytesCodec, GzipCodec, ZstdCodec

from traindx.arrays import Lost, open_array, open_arrays, read_around
from traindx.errors import UnreadableDataError

RNG = np.random.default_rng(4)


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("dtype", ["f4", ">f8", "i2", "?"])
def test_every_block_is_that_of_the_library(tmp_path: Path, version: Any, dtype: str) -> None:
    array = (RNG.normal(size=(500, 6)) * 9).astype(dtype)
    path = tmp_path / "a.zarr"
    root = zarr.open_group(path, mode="w", zarr_format=version)
    root.create_array("train/x", data=array, chunks=(64, 4))
    root.create_array("y", data=np.arange(10))
    source = pickle.loads(pickle.dumps(open_array(path, "train/x")))
    assert (source.dtype, source.shape) == (np.dtype(dtype).newbyteorder("="), (500, 6))
    for start, stop in [(0, 500), (3, 5), (60, 70), (64, 128), (499, 900)]:
        np.testing.assert_array_equal(source.read(start, stop), array[start:stop])
    assert set(open_arrays(path)) == {"train/x", "y"}


def test_a_lone_array_a_number_and_a_shard_are_read(tmp_path: Path) -> None:
    array = RNG.normal(size=(100, 3))
    zarr.create_array(tmp_path / "a.zarr", data=array, chunks=(10, 3), shards=(50, 3))
    assert open_array(tmp_path / "a.zarr").name == ""
    np.testing.assert_array_equal(open_array(tmp_path / "a.zarr").read(45, 55), array[45:55])
    zarr.create_array(tmp_path / "b.zarr", data=np.array(2.5))
    assert open_array(tmp_path / "b.zarr").read(0, 1).tolist() == [2.5]


def test_a_zip_archive_is_a_store(tmp_path: Path) -> None:
    array = np.arange(30)
    for name in ("a.zarr.zip", "b.zip"):
        with zarr.storage.ZipStore(tmp_path / name, mode="w") as store:
            zarr.create_group(store).create_array("x", data=array, chunks=(7,))
        source = pickle.loads(pickle.dumps(open_array(tmp_path / name)))
        assert source.read(5, 20).tolist() == list(range(5, 20))


def test_a_missing_chunk_is_the_fill_value_as_the_format_has_it(tmp_path: Path) -> None:
    array = zarr.create_array(tmp_path / "a.zarr", shape=(100,), chunks=(10,), dtype="f4", fill_value=-1)
    array[20:30] = 5
    expected = np.full(100, -1.0)
    expected[20:30] = 5
    np.testing.assert_array_equal(open_array(tmp_path / "a.zarr").read(0, 100), expected)


@pytest.mark.parametrize("codec", [GzipCodec(), ZstdCodec(), BloscCodec()], ids=["gzip", "zstd", "blosc"])
def test_a_damaged_chunk_is_named_and_the_others_are_read(tmp_path: Path, codec: Any) -> None:
    array = RNG.normal(size=(1000, 4))
    path = tmp_path / "a.zarr"
    zarr.create_array(path, data=array, chunks=(100, 2), serializer=BytesCodec(), compressors=[codec])
    (path / "c" / "3" / "1").write_bytes(b"\xff" * 30)
    source = open_array(path)
    with pytest.raises(UnreadableDataError, match="cannot be read") as caught:
        source.read(290, 350)
    assert caught.value.where == f"{path} chunk (3, 1), rows 300-399"
    pieces = list(read_around(source, 0, 1000))
    (lost,) = [piece for piece in pieces if isinstance(piece, Lost)]
    assert (lost.start, lost.stop) == (300, 400)
    assert sum(len(piece[1]) for piece in pieces if not isinstance(piece, Lost)) == 900


@pytest.mark.parametrize("text", ["", "{", "[]", '{"zarr_format": 9, "node_type": "array"}', '{"zarr_format": 3}'])
def test_a_description_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.zarr").mkdir()
    (tmp_path / "a.zarr" / "zarr.json").write_text(text)
    with pytest.raises(UnreadableDataError, match=r"a\.zarr"):
        open_array(tmp_path / "a.zarr")


def test_absurd_shapes_and_chunks_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zarr"
    for shape, chunks in [((1 << 61, 1 << 61), (1, 1)), ((1 << 40,), (1 << 40,))]:
        zarr.create_array(path, shape=shape, chunks=chunks, dtype="f8", overwrite=True)
        with pytest.raises(UnreadableDataError, match=r"a\.zarr"):
            open_array(path)

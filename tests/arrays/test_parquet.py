"""Parquet columns give what pyarrow gives, over row groups of any length."""

from __future__ import annotations

import datetime as dt
import decimal
import pickle
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from traindx.arrays import Lost, open_array, open_arrays, read_around
from traindx.errors import UnreadableDataError

RNG = np.random.default_rng(3)


def test_every_block_of_every_column_is_that_of_pyarrow(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    table = pa.table(
        {
            "f4": RNG.normal(size=5000).astype(np.float32),
            "i8": RNG.integers(-(2**62), 2**62, size=5000),
            "u1": RNG.integers(0, 255, size=5000).astype(np.uint8),
            "flag": RNG.random(5000) < 0.5,
            "text": [f"row {i}" for i in range(5000)],
        }
    )
    with pq.ParquetWriter(path, table.schema) as writer:
        for start, stop in [(0, 700), (700, 701), (701, 4000), (4000, 5000)]:
            writer.write_table(table.slice(start, stop - start))
    for name, source in pickle.loads(pickle.dumps(dict(open_arrays(path)))).items():
        expected = table[name].to_numpy()
        assert (source.dtype, source.shape) == (expected.dtype, (5000,))
        assert source.kind == ("text" if name == "text" else "number")
        for start, stop in [(0, 5000), (650, 720), (699, 702), (3990, 4010), (0, 10), (4999, 9999)]:
            np.testing.assert_array_equal(source.read(start, stop), expected[start:stop])
        out = np.empty(5000, dtype=expected.dtype)
        assert np.shares_memory(source.read(0, 5000, out=out), out)


def test_missing_values_are_nan_and_types_without_a_number_become_one(tmp_path: Path) -> None:
    day = dt.date(1970, 1, 3)
    table = pa.table(
        {
            "whole": pa.array([1, None, 3], pa.int32()),
            "flag": pa.array([True, None, False]),
            "price": pa.array([decimal.Decimal("1.5"), None, decimal.Decimal(2)], pa.decimal128(10, 2)),
            "day": pa.array([day, None, day]),
            "at": pa.array([1500, None, 0], pa.timestamp("ms")),
            "time": pa.array([1500, None, 0], pa.time32("ms")),
            "nothing": pa.nulls(3),
            "word": pa.array(["a", None, "a"]).dictionary_encode(),
            "data": pa.array([b"\x00", None, b"c"]),
            "image": pa.array([{"bytes": b"\x89PNG", "path": "a"}, {"bytes": None, "path": "b"}, None]),
            "box": pa.array([{"x": 1.0, "in": {"y": 2}}, None, {"x": None, "in": None}]),
            "lists of text": pa.array([["a"], [], None]),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    columns = open_arrays(tmp_path / "a.parquet")
    nan = np.nan
    for name, expected in {
        "whole": [1, nan, 3],
        "flag": [1, nan, 0],
        "price": [1.5, nan, 2],
        "day": [172800, nan, 172800],
        "at": [1.5, nan, 0],
        "time": [1.5, nan, 0],
        "nothing": [nan] * 3,
        "box.x": [1, nan, nan],
        "box.in.y": [2, nan, nan],
    }.items():
        np.testing.assert_array_equal(columns[name].read(0, 3), expected, err_msg=name)
        assert columns[name].dtype == columns[name].read(0, 1).dtype == np.float64
    assert columns["word"].read(0, 3).tolist() == ["a", "", "a"]
    assert columns["data"].read(0, 3).tolist() == [b"\x00", b"", b"c"]
    assert columns["image"].read(0, 3).tolist() == [b"\x89PNG", b"", b""]
    assert [columns[name].kind for name in ("word", "data", "image")] == ["text", "bytes", "bytes"]
    with pytest.raises(UnreadableDataError, match="lists of string"):
        columns["lists of text"].read(0, 1)


@pytest.mark.parametrize("kind", [pa.list_(pa.float32(), 4), pa.list_(pa.float32()), pa.large_list(pa.float32())])
def test_lists_of_one_length_are_the_rows_of_a_matrix(tmp_path: Path, kind: pa.DataType) -> None:
    matrix = RNG.normal(size=(1000, 4)).astype(np.float32)
    table = pa.table({"embedding": pa.array(list(matrix), kind)})
    pq.write_table(table, tmp_path / "a.parquet", row_group_size=300)
    source = open_array(tmp_path / "a.parquet")
    assert (source.shape, source.dtype, source.kind) == ((1000, 4), np.float32, "number")
    np.testing.assert_array_equal(source.read(250, 950), matrix[250:950])


def test_lists_of_several_lengths_stay_lists(tmp_path: Path) -> None:
    rows = [[1, 2], [3], [], None, [4, None]]
    pq.write_table(pa.table({"tokens": rows * 100}), tmp_path / "a.parquet", row_group_size=77)
    source = open_array(tmp_path / "a.parquet")
    assert (source.kind, len(source)) == ("list", 500)
    found = source.read(5, 10)
    np.testing.assert_array_equal(np.concatenate(found), [1, 2, 3, 4, np.nan])
    assert [len(row) for row in found] == [2, 1, 0, 0, 2]


def test_a_missing_row_of_a_matrix_is_nan(tmp_path: Path) -> None:
    table = pa.table({"x": pa.array([[1, 2], None, [3, 4]], pa.list_(pa.int64(), 2))})
    pq.write_table(table, tmp_path / "a.parquet")
    np.testing.assert_array_equal(open_array(tmp_path / "a.parquet").read(0, 3), [[1, 2], [np.nan, np.nan], [3, 4]])


@pytest.mark.parametrize("checked", [False, True])
def test_a_damaged_row_group_is_named_and_the_others_are_read(tmp_path: Path, checked: bool) -> None:
    path = tmp_path / "a.parquet"
    values = RNG.normal(size=3000)
    table = pa.table({"x": values})
    pq.write_table(table, path, row_group_size=1000, use_dictionary=False, write_page_checksum=checked)
    chunk = pq.ParquetFile(path).metadata.row_group(1).column(0)
    with path.open("r+b") as file:
        file.seek(chunk.data_page_offset + (chunk.total_compressed_size // 2 if checked else 0))
        file.write(b"\xff" * 40)
    source = open_array(path)
    with pytest.raises(UnreadableDataError, match=r"a\.parquet:x row group 1, rows 1000-1999: cannot be read"):
        source.read(900, 1100)
    first, lost, last = read_around(source, 0, 3000)
    assert isinstance(lost, Lost)
    assert (lost.start, lost.stop) == (1000, 2000)
    for start, block in (first, last):  # type: ignore[misc]
        np.testing.assert_array_equal(block, values[start : start + 1000])


def test_a_file_that_was_cut_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"x": np.zeros(1000)}), path)
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(UnreadableDataError, match=r"a\.parquet: is not a whole Parquet file"):
        open_array(path)


def test_a_table_without_rows_keeps_its_columns(tmp_path: Path) -> None:
    pq.write_table(pa.table({"x": pa.array([], pa.float32())}), tmp_path / "a.parquet")
    source = open_array(tmp_path / "a.parquet")
    assert source.shape == (0,)
    assert source.read(0, 10).shape == (0,)


def test_large_row_groups_are_read_in_batches(tmp_path: Path) -> None:
    matrix = RNG.normal(size=(60_000, 64)).astype(np.float32)
    column = pa.FixedSizeListArray.from_arrays(pa.array(matrix.reshape(-1)), 64)
    pq.write_table(pa.table({"x": column}), tmp_path / "a.parquet", use_dictionary=False)
    source = open_array(tmp_path / "a.parquet")
    assert source.block_rows == 16_384
    np.testing.assert_array_equal(np.concatenate([source.read(i, i + 7777) for i in range(0, 60_000, 7777)]), matrix)

"""NPY files give the array that numpy wrote, block by block, or a clear error."""

from __future__ import annotations

import pickle
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from traindx.arrays import open_array, open_arrays
from traindx.errors import UnreadableDataError, UsageError

RNG = np.random.default_rng(0)


def saved(path: Path, array: NDArray[Any]) -> Path:
    np.save(path, array, allow_pickle=False)
    return path


@pytest.mark.parametrize("dtype", ["f4", "f8", "f2", "i1", "u1", "i8", "u4", "?", ">f4", ">i2", "<f8"])
@pytest.mark.parametrize("shape", [(7,), (7, 3), (5, 2, 3), (0, 3), (3, 0)])
@pytest.mark.parametrize("order", ["C", "F"])
def test_every_block_is_that_of_numpy(tmp_path: Path, dtype: str, shape: tuple[int, ...], order: Any) -> None:
    array = np.asarray(RNG.normal(size=shape) * 50, dtype=dtype, order=order)
    source = open_array(saved(tmp_path / "a.npy", array))
    assert (source.shape, source.dtype, source.kind) == (shape, np.dtype(dtype).newbyteorder("="), "number")
    for start, stop in [(0, 99), (2, 4), (3, 3), (-2, 99), (99, 100)]:
        block = source.read(start, stop)
        np.testing.assert_array_equal(block, array[start:stop])
        assert block.flags.c_contiguous
        assert block.dtype == source.dtype


def test_the_callers_buffer_is_filled(tmp_path: Path) -> None:
    array = RNG.normal(size=(100, 4)).astype(np.float32)
    source = open_array(saved(tmp_path / "a.npy", array))
    out = np.zeros((10, 4), dtype=np.float32)
    block = source.read(20, 27, out=out)
    assert np.shares_memory(block, out)
    np.testing.assert_array_equal(out[:7], array[20:27])
    np.testing.assert_array_equal(source.read(0, 5, out=np.zeros((10, 3), dtype=np.float32)), array[:5])


def test_a_lone_number_is_one_row(tmp_path: Path) -> None:
    source = open_array(saved(tmp_path / "a.npy", np.array(2.5)))
    assert source.read(0, 1).tolist() == [2.5]
    assert len(source) == 1


def test_fields_and_parts_are_columns(tmp_path: Path) -> None:
    records = np.zeros(5, dtype=[("x", ">f4", (2,)), ("in", [("label", "U3"), ("c", "c8")])])
    records["x"] = RNG.normal(size=(5, 2))
    records["in"]["label"] = ["a", "bc", "", "déf", "e"]
    records["in"]["c"] = 1 + 2j
    columns = open_arrays(saved(tmp_path / "a.npy", records))
    assert sorted(columns) == ["in.c.imag", "in.c.real", "in.label", "x"]
    np.testing.assert_array_equal(columns["x"].read(1, 3), records["x"][1:3])
    assert columns["x"].shape == (5, 2)
    assert columns["in.label"].kind == "text"
    assert columns["in.label"].read(0, 9).tolist() == ["a", "bc", "", "déf", "e"]
    assert columns["in.c.imag"].read(4, 5).tolist() == [2.0]
    assert columns["in.c.imag"].dtype == np.float32


def test_dates_are_seconds(tmp_path: Path) -> None:
    dates = np.array(["1970-01-02", "NaT", "1970-02-01"], dtype="datetime64[M]")
    seconds = open_array(saved(tmp_path / "a.npy", dates)).read(0, 3)
    np.testing.assert_array_equal(seconds, [0.0, np.nan, 31 * 86400.0])


def test_versions_two_and_three_are_read(tmp_path: Path) -> None:
    for version in [(1, 0), (2, 0), (3, 0)]:
        with (tmp_path / "v.npy").open("wb") as file:
            np.lib.format.write_array(file, np.arange(5), version=version)
        assert open_array(tmp_path / "v.npy").read(1, 3).tolist() == [1, 2]


def test_a_pickled_source_opens_the_file_again(tmp_path: Path) -> None:
    source = open_array(saved(tmp_path / "a.npy", np.arange(6.0).reshape(3, 2)))
    again = pickle.loads(pickle.dumps(source))
    np.testing.assert_array_equal(again.read(1, 3), [[2, 3], [4, 5]])
    assert len(pickle.dumps(source)) < 1000


def test_objects_are_never_unpickled(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(UnreadableDataError, match="unpickled"):
        open_array(tmp_path / "a.npy")


def test_a_file_that_was_cut_off_is_refused_with_both_sizes(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.npy", np.zeros(1000))
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(UnreadableDataError, match="promises 8,000 bytes of values and the file holds 7,999"):
        open_array(path)


def test_a_file_that_shrinks_while_it_is_open_is_an_error_that_names_the_rows(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.npy", np.zeros(1000))
    source = open_array(path)
    path.write_bytes(path.read_bytes()[:4128])
    with pytest.raises(UnreadableDataError, match="ends") as caught:
        source.read(500, 600)
    assert caught.value.where == f"{path} rows 500-599"
    assert source.read(499, 500).tolist() == [0.0]


@pytest.mark.parametrize(
    "header",
    [
        "{'descr': '<f8', 'fortran_order': False, 'shape': (-1,), }",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (10**18,), }",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000000000,), }",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296, 0, 9999999999999), }",
        "{'descr': '|S0', 'fortran_order': False, 'shape': (1000000000000000000,), }",
        "{'descr': '<f8', 'fortran_order': False, 'shape': ('a',), }",
        "{'descr': '<f8', 'fortran_order': False}",
        "{'descr': 'nonsense', 'fortran_order': False, 'shape': (1,), }",
        "{'descr': [('a',)], 'fortran_order': False, 'shape': (1,), }",
        "__import__('os').system('true')",
        "(" * 5000,
        "-" * 60000 + "1",
        "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }",
        "\0" * 50,
    ],
)
def test_a_header_that_cannot_be_meant_is_refused(tmp_path: Path, header: str) -> None:
    text = header.encode("latin-1")
    (tmp_path / "a.npy").write_bytes(b"\x93NUMPY\x02\x00" + struct.pack("<I", len(text)) + text + bytes(64))
    with pytest.raises(UnreadableDataError, match=r"a\.npy"):
        open_array(tmp_path / "a.npy")


def test_a_header_longer_than_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.npy").write_bytes(b"\x93NUMPY\x02\x00" + struct.pack("<I", 1 << 31) + b"{'descr'")
    with pytest.raises(UnreadableDataError, match=r"a\.npy: its header claims to have 2,147,483,648 bytes"):
        open_array(tmp_path / "a.npy")


def test_a_missing_file_is_a_wrong_argument(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        open_array(tmp_path / "a.npy")


def test_twenty_sparse_gigabytes_are_sampled_without_reading_them(tmp_path: Path) -> None:
    rows = 78_125_000
    with (tmp_path / "big.npy").open("wb") as file:
        header = {"descr": "<f4", "fortran_order": False, "shape": (rows, 64)}
        np.lib.format.write_array_header_1_0(file, header)
        file.truncate(file.tell() + rows * 256)
        file.seek(-256, 2)
        file.write(np.arange(64, dtype=np.float32).tobytes())
    source = open_array(tmp_path / "big.npy")
    assert source.read(rows - 1, rows).tolist() == [list(range(64))]
    assert not source.read(rows // 2, rows // 2 + 1000).any()

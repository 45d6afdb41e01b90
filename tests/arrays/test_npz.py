"""NPZ archives give each array in order, at any place, larger than memory; damage is said by name."""

from __future__ import annotations

import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from traindx.arrays import open_array, open_arrays
from traindx.errors import UnreadableDataError, UsageError

SAVERS: list[Callable[..., Any]] = [np.savez, np.savez_compressed]
RNG = np.random.default_rng(1)


@pytest.mark.parametrize("save", SAVERS)
def test_every_array_is_read_at_any_place(tmp_path: Path, save: Callable[..., Any]) -> None:
    arrays = {
        "x": RNG.normal(size=(1000, 33)),
        "fortran": np.asfortranarray(RNG.normal(size=(50, 4)).astype(">f4")),
        "labels": np.array(["cat", "dog"]),
        "empty": np.zeros((0, 5)),
        "one": np.array(3),
    }
    save(tmp_path / "a.npz", **arrays)
    sources = open_arrays(tmp_path / "a.npz")
    assert list(sources) == list(arrays)
    for name, array in arrays.items():
        assert sources[name].shape == np.atleast_1d(array).shape
        for start, stop in [(10, 700), (0, 5), (3, 9), (900, 5000), (0, 9999)]:
            np.testing.assert_array_equal(sources[name].read(start, stop), np.atleast_1d(array)[start:stop])


def test_a_deflated_array_of_several_strides_is_read_in_any_order(tmp_path: Path) -> None:
    array = np.repeat(np.arange(6_000, dtype=np.float64), 1000)
    np.savez_compressed(tmp_path / "a.npz", x=array)
    source = pickle.loads(pickle.dumps(open_array(tmp_path / "a.npz")))
    for start in (5_999_000, 10, 3_000_000, 2_999_000, 0, 4_500_000):
        np.testing.assert_array_equal(source.read(start, start + 1000), array[start : start + 1000])


def test_one_array_is_picked_by_its_name(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", train_x=np.zeros(3), val_x=np.ones(3))
    assert open_array(f"{tmp_path}/a.npz::val_x").read(0, 1).tolist() == [1.0]
    assert open_array(tmp_path / "a.npz", "val_x").where == f"{tmp_path}/a.npz:val_x"
    with pytest.raises(UsageError, match="holds 2 arrays: 'train_x', 'val_x'"):
        open_array(tmp_path / "a.npz")
    with pytest.raises(UsageError, match="did you mean val_x"):
        open_array(tmp_path / "a.npz", "valx")


def test_a_damaged_stream_is_told_and_its_beginning_still_read(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    array = RNG.normal(size=200_000)
    np.savez_compressed(path, x=array)
    data = bytearray(path.read_bytes())
    place = len(data) // 2
    data[place : place + 40] = b"\xff" * 40
    path.write_bytes(bytes(data))
    source = open_array(path)
    with pytest.raises(UnreadableDataError, match=r"a\.npz:x rows 150000-199999: the compressed data are damaged"):
        source.read(150_000, 200_000)
    np.testing.assert_array_equal(source.read(0, 1000), array[:1000])


def test_a_wrong_checksum_is_told_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    np.savez_compressed(path, x=np.arange(1000))
    with zipfile.ZipFile(path) as archive:
        crc = archive.infolist()[0].CRC
    path.write_bytes(path.read_bytes().replace(crc.to_bytes(4, "little"), (crc ^ 1).to_bytes(4, "little")))
    source = open_array(path)
    assert source.read(0, 999).tolist() == list(range(999))
    for _ in range(2):
        with pytest.raises(UnreadableDataError, match="checksum"):
            source.read(990, 1000)


def test_a_cut_archive_and_one_without_arrays_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.arange(1000))
    (tmp_path / "cut.npz").write_bytes((tmp_path / "a.npz").read_bytes()[:-30])
    with zipfile.ZipFile(tmp_path / "none.npz", "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(UnreadableDataError, match=r"cut\.npz: is not a whole zip archive"):
        open_arrays(tmp_path / "cut.npz")
    with pytest.raises(UnreadableDataError, match="holds no arrays"):
        open_arrays(tmp_path / "none.npz")


def test_an_array_of_objects_beside_good_ones_is_refused_by_name(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", good=np.arange(3), bad=np.array([None]))
    sources = open_arrays(tmp_path / "a.npz")
    assert sources["good"].read(0, 3).tolist() == [0, 1, 2]
    for read in (lambda: sources["bad"].read(0, 1), lambda: open_array(tmp_path / "a.npz", "bad")):
        with pytest.raises(UnreadableDataError, match=r"a\.npz:bad: an array of Python objects"):
            read()

"""A profile holds the statistics of every array, under masks and by group, and says what it could not read."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from traindx.arrays import MemorySource
from traindx.dataset import profile
from traindx.errors import UnreadableDataError, UsageError

RNG = np.random.default_rng(2)


def test_every_array_of_a_file_is_measured(tmp_path: Path) -> None:
    values = RNG.normal(size=(1000, 5)).astype(np.float32)
    np.savez(tmp_path / "data.npz", x=values, y=np.arange(1000), empty=np.zeros((0, 4)))
    found = profile(tmp_path / "data.npz")
    assert found.path == str(tmp_path / "data.npz")
    assert found.format == "npz"
    x, y, empty = found.arrays
    assert [one.mean for one in x.features] == pytest.approx(values.astype(np.float64).mean(0).tolist(), rel=1e-13)
    assert x.whole.deviation == pytest.approx(values.astype(np.float64).std(), rel=1e-13)
    assert (x.whole.count, x.shape, x.dtype) == (5000, (1000, 5), "float32")
    assert y.features[0].quantiles[4] == 499.5
    assert y.features[0].distinct == 1000
    assert empty.limits == ("holds no values",)
    assert empty.whole.rows == 0


def test_only_the_arrays_that_were_asked_for_are_measured(tmp_path: Path) -> None:
    np.savez(tmp_path / "data.npz", x=np.ones(3), y=np.ones(4))
    assert [one.name for one in profile(tmp_path / "data.npz", arrays=["y"]).arrays] == ["y"]
    assert [one.name for one in profile({"x": np.ones(3), "y": np.ones(4)}, arrays=["y"]).arrays] == ["y"]
    with pytest.raises(UsageError, match="'z'"):
        profile({"x": np.ones(3)}, arrays=["z"])


def test_the_last_axis_holds_features_and_all_others_are_observations() -> None:
    values = RNG.normal(size=(40, 7, 3)) + np.array([0.0, 10.0, 20.0])
    (found,) = profile(values).arrays
    assert [round(one.mean) for one in found.features] == [0, 10, 20]
    assert found.features[0].count == 280


def test_quantiles_can_be_left_out() -> None:
    (found,) = profile(np.arange(10.0), quantiles=False).arrays
    assert found.whole.quantiles == ()
    assert found.whole.mean == 4.5


@pytest.mark.parametrize("kind", ["rows", "elements", "numbers"])
def test_a_mask_by_name_counts_what_it_marks(tmp_path: Path, kind: str) -> None:
    values = RNG.normal(size=(500, 6, 3))
    chosen = RNG.random((500, 6, 3) if kind == "elements" else (500, 6)) < 0.3
    mask = chosen.astype(np.float32) * 2 if kind == "numbers" else chosen
    np.savez(tmp_path / "data.npz", x=values, keep=mask, other=np.ones(4))
    x, keep, other = profile(tmp_path / "data.npz", mask="keep").arrays
    full = np.broadcast_to(chosen.reshape(*chosen.shape, *(1,) * (3 - chosen.ndim)), values.shape)
    assert x.whole.count == full.sum()
    assert x.masked_share == pytest.approx(1 - full.mean())
    assert x.features[1].mean == pytest.approx(values[..., 1][full[..., 1]].mean(), rel=1e-12)
    assert keep.whole.count == chosen.size
    assert other.whole.count == 4
    assert not other.limits  # the mask was not meant for it


def test_a_mask_that_fits_no_array_is_told(tmp_path: Path) -> None:
    np.savez(tmp_path / "data.npz", x=np.ones((5, 2)), keep=np.ones((4, 2), bool))
    x = profile(tmp_path / "data.npz", mask="keep").arrays[0]
    assert x.whole.count == 10
    assert x.limits == ("the mask of shape (4, 2) does not fit: all values were measured",)


def test_a_mask_may_be_an_array_or_a_function() -> None:
    values = RNG.normal(size=(500, 4))
    by_array = profile(values, mask=values > 0).arrays[0]
    by_function = profile(values, mask=lambda block: block > 0).arrays[0]
    assert repr(by_array) == repr(by_function)
    assert by_array.whole.count == (values > 0).sum()
    assert by_array.whole.minimum > 0
    with pytest.raises(UsageError, match="mask function returned"):
        profile(values, mask=lambda block: block * 2)


def test_a_mask_of_texts_is_refused() -> None:
    texts = np.array(["a", "b"], object)
    with pytest.raises(UsageError, match="a mask of text"):
        profile(np.ones(2), mask=MemorySource(texts, kind="text"))


def test_groups_by_name_have_their_own_statistics_and_share_of_the_variance(tmp_path: Path) -> None:
    system = RNG.integers(0, 36, 4000)
    values = (RNG.normal(size=(4000, 2)) + system[:, None] * [0.0, 5.0]).astype(np.float32)
    np.savez(tmp_path / "data.npz", x=values, system=system)
    x, own = profile(tmp_path / "data.npz", group="system").arrays
    assert len(x.groups) == 36
    assert x.groups["7"][1].mean == pytest.approx(values[system == 7, 1].astype(np.float64).mean(), rel=1e-12)
    assert [one.name for one in x.scatter] == ["0", "1", "whole"]
    assert x.scatter[0].between_share < 0.05
    assert x.scatter[1].between_share > 0.99
    assert x.scatter[1].intraclass > 0.99
    assert own.groups == {}


def test_thousands_of_groups_are_told_apart_and_more_are_said_to_be_too_many() -> None:
    ids = np.arange(60_000) % 6000
    (found,) = profile(np.arange(60_000.0), group=ids).arrays
    assert len(found.groups) == 6000
    assert found.groups["17"][0].mean == np.arange(60_000.0)[ids == 17].mean()
    wide = RNG.normal(size=(3000, 2048)).astype(np.float32)
    (found,) = profile(wide, group=np.minimum(np.arange(3000), 1000), quantiles=False).arrays
    assert len(found.groups) == 128
    assert "1000" in found.groups
    assert found.rows_without_group == 873
    assert "873 rarer groups" in found.limits[0]


def test_a_grouping_column_of_another_length_is_said_not_to_fit() -> None:
    (found,) = profile(np.ones(5), group=np.ones(4)).arrays
    assert "do not fit" in found.limits[0]


def test_an_unknown_name_lists_the_nearest(tmp_path: Path) -> None:
    np.savez(tmp_path / "data.npz", values=np.ones(3), weights=np.ones(3))
    for option in ("mask", "group"):
        with pytest.raises(UsageError, match="weigths"):
            profile(tmp_path / "data.npz", **{option: "weigths"})


def test_an_array_under_two_names_is_measured_once() -> None:
    source = MemorySource(np.arange(4.0))
    one, two = profile({"a": source, "b": source}).arrays
    assert one is two


def test_progress_ends_at_the_whole() -> None:
    seen: list[tuple[int, int]] = []
    profile(np.ones((300_000, 4)), progress=lambda done, total: seen.append((done, total)))
    assert seen[0] == (0, 9_600_000)
    assert seen[-1] == (9_600_000, 9_600_000)
    assert sorted(seen) == seen
    assert len(seen) > 3


def damaged(path: Path) -> np.ndarray:
    values = RNG.normal(size=(4000, 8)).astype(np.float32)
    with h5py.File(path, "w") as file:
        data = file.create_dataset("train/x", data=values, chunks=(500, 8), compression="gzip")
        chunk = data.id.get_chunk_info(3)
    with path.open("r+b") as raw:
        raw.seek(chunk.byte_offset)
        raw.write(b"\xff" * min(chunk.size, 200))
    return values


@pytest.mark.parametrize("engine", ["one", "threads"])
def test_a_damaged_chunk_is_named_and_counted_and_the_rest_is_right(tmp_path: Path, engine: str) -> None:
    values = damaged(tmp_path / "data.h5")
    (found,) = profile(tmp_path / "data.h5", engine=engine).arrays
    kept = np.delete(values, slice(1500, 2000), axis=0).astype(np.float64)
    assert found.unread_rows == 500
    assert len(found.unread) == 1
    assert "data.h5" in found.unread[0]
    assert found.features[2].count == 3500
    assert found.features[2].mean == pytest.approx(kept[:, 2].mean(), rel=1e-12)


def test_what_cannot_be_opened_at_all_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "data.npy").write_bytes(b"\x93NUMPY\x01\x00v\x00{'descr")
    with pytest.raises(UnreadableDataError):
        profile(tmp_path / "data.npy")
    with pytest.raises(UsageError, match="no such file"):
        profile(tmp_path / "absent.npy")
    with pytest.raises(UsageError):
        profile([1, 2, 3])


def test_texts_and_lists_in_memory_are_measured_by_kind() -> None:
    texts = np.array(["a", "b", "a", ""], object)
    lists = np.empty(4, object)
    lists[:] = [np.array([1, 2]), np.array([2]), np.array([], np.int64), np.array([2, 2, 2])]
    found = profile({"t": MemorySource(texts, kind="text"), "ids": MemorySource(lists, kind="list")}).arrays
    assert found[0].text is not None
    assert found[0].text.frequent[0] == ("a", 2)
    assert found[1].tokens is not None
    assert found[1].tokens.counts == ((2, 5), (1, 1))
    assert found[1].whole.mean == pytest.approx(11 / 6)


def test_an_array_of_very_many_features_is_measured_as_one() -> None:
    (found,) = profile(np.ones((2, 200_000), np.float32)).arrays
    assert len(found.features) == 1
    assert found.whole.count == 400_000
    assert "features" in found.limits[0]

"""Two splits are compared from files and from memory, and what was not compared is said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from traindx.arrays import MemorySource
from traindx.dataset.overlap import compare_splits, overlap_findings
from traindx.errors import UnreadableDataError, UsageError


def split(rows: int, seed: int, **changed: np.ndarray) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    label = rng.integers(0, 3, rows)
    return {
        "x": (rng.normal(size=(rows, 6)) + label[:, None] * 0.2).astype(np.float32),
        "label": label,
        "caption": np.array(
            [
                f"picture {i * 7919 % 100_003} of {seed}, {rng.integers(1 << 40)} and {rng.integers(1 << 40)}"
                for i in range(rows)
            ]
        ),
        "game_id": np.arange(rows) // 10 + 1000 * seed,
        "id": np.arange(rows),
    } | changed


def saved(folder: Path, **splits: dict[str, np.ndarray]) -> None:
    for name, arrays in splits.items():
        np.savez(folder / f"{name}.npz", **arrays)


def codes(overlap) -> list[str]:
    return [finding.code for finding in overlap_findings(overlap)]


def test_independent_splits_raise_no_finding(tmp_path: Path) -> None:
    saved(tmp_path, train=split(4000, 0), test=split(1000, 1))
    found = compare_splits(tmp_path / "train.npz", tmp_path / "test.npz", group="game_id")
    assert codes(found) == []
    assert found.columns_left_out == ("id",)
    assert found.rows is not None
    assert found.rows.leaked == 0
    assert found.groups is not None
    assert found.groups.shared == 0
    assert [near.kind for near in found.near] == ["text"]


def test_every_fault_that_was_planted_is_found(tmp_path: Path) -> None:
    train, test = split(4000, 0), split(1000, 1)
    test["label"][:400] = 0
    test["x"][:, 3] += 0.5
    train["x"][:, 5], test["x"][:, 5] = train["label"], test["label"]
    for name in ("x", "caption", "game_id"):
        test[name][:30] = train[name][500:530]  # 30 rows stand in both, with their games
    for name in ("x", "caption", "game_id", "label"):
        train[name][100:200] = train[name][0]  # 100 copies of one row
    test["caption"][100:150] = [f"{caption}!" for caption in train["caption"][1000:1050]]
    saved(tmp_path, train=train, test=test)
    found = compare_splits(tmp_path / "train.npz", tmp_path / "test.npz", group="game_id", batch_size=256)
    assert codes(found) == ["LEK001", "LEK002", "LEK003", "LEK004", "LEK005", "LEK006", "LEK007", "LEK008"]
    headlines = {finding.code: finding.headline for finding in overlap_findings(found)}
    assert "30 of 1,000" in headlines["LEK001"]
    assert "50 of 1,000" in headlines["LEK002"]
    assert "3 of 100 groups" in headlines["LEK003"]
    assert "x[5]" in headlines["LEK004"]
    assert "100 of 4,000" in headlines["LEK005"]
    assert "2 of 7 features differ" in headlines["LEK007"]


def test_a_leak_of_whole_rows_is_counted_exactly(tmp_path: Path) -> None:
    train, test = split(3000, 0), split(500, 1)
    for name in ("x", "caption"):
        test[name][40:60] = train[name][7:27]
    saved(tmp_path, train=train, test=test)
    rows = compare_splits(tmp_path / "train.npz", tmp_path / "test.npz").rows
    assert rows is not None
    assert (rows.leaked, rows.leaked_train, rows.shared) == (20, 20, 20)
    assert rows.examples[0] == (7, 40)


def test_groups_inside_a_file_may_be_named(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    train, test = rng.normal(size=(500, 4)), rng.normal(size=(100, 4))
    test[:9] = train[:9]
    np.savez(tmp_path / "data.npz", **{"train/x": train, "test/x": test})
    whole = f"{tmp_path}/data.npz"
    found = compare_splits(f"{whole}::train", f"{whole}::test")
    assert found.rows is not None
    assert found.rows.leaked == 9


def test_lone_arrays_in_memory_are_compared() -> None:
    rows = np.random.default_rng(0).normal(size=(300, 70)).astype(np.float32)
    found = compare_splits(MemorySource(rows), MemorySource(rows[:40].astype(np.float64)))
    assert found.rows is not None
    assert found.rows.leaked_share == 1
    assert [near.kind for near in found.near] == ["embedding"]
    assert found.near[0].close == 0  # the same, not nearly the same
    assert "LEK001" in codes(found)


def test_images_are_compared_as_images() -> None:
    images = np.random.default_rng(0).integers(0, 255, (60, 12, 12, 3), dtype=np.uint8)
    found = compare_splits(MemorySource(images, name="image"), MemorySource(images[:5], name="image"))
    assert [near.kind for near in found.near] == ["image"]
    assert found.rows is not None
    assert found.rows.leaked == 5


@pytest.mark.parametrize("rows", [0, 1, 2])
@pytest.mark.parametrize("other", [0, 1, 2])
def test_tiny_splits_are_compared_without_a_claim(rows: int, other: int) -> None:
    def sources(count: int, seed: int) -> list[MemorySource]:
        some = split(count, seed)
        kinds = {"caption": "text"}
        return [
            MemorySource(v.astype(object) if k in kinds else v, name=k, kind=kinds.get(k, "number"))
            for k, v in some.items()
        ]

    found = compare_splits(sources(rows, 0), sources(other, 1), group="game_id", text="caption", label="label")
    assert codes(found) == []


@pytest.mark.parametrize("value", [0.0, np.nan, np.inf])
def test_splits_of_one_value_are_copies_and_nothing_else(value: float) -> None:
    found = compare_splits(MemorySource(np.full((5000, 3), value)), MemorySource(np.full((50, 3), value)))
    assert set(codes(found)) <= {"LEK001", "LEK005"}
    assert found.rows is not None
    assert found.rows.leaked == 50


def test_what_does_not_fit_is_said(tmp_path: Path) -> None:
    saved(
        tmp_path, train=split(60, 0, extra=np.zeros(60), short=np.zeros(3)), test=split(50, 1, short=np.zeros((50, 2)))
    )
    limits = compare_splits(tmp_path / "train.npz", tmp_path / "test.npz").limits
    assert "extra was not compared: only one split has it" in limits
    assert "short was not compared: its shape or type differs between the splits" in limits


def test_a_group_that_only_one_split_has_is_said_and_no_error(tmp_path: Path) -> None:
    test = split(50, 1)
    del test["game_id"]
    saved(tmp_path, train=split(60, 0), test=test)
    found = compare_splits(tmp_path / "train.npz", tmp_path / "test.npz", group="game_id")
    assert found.groups is None
    assert "game_id was not compared: only one split has it" in found.limits
    assert "id was left out of what makes rows equal: it numbers or names them" in found.limits


def test_a_column_of_ids_that_repeat_is_content() -> None:
    rng = np.random.default_rng(0)

    def ratings(rows: int) -> list[MemorySource]:
        return [
            MemorySource(rng.integers(0, 1000, rows), name="user_id"),
            MemorySource(rng.integers(0, 5, rows), name="rating"),
        ]

    found = compare_splits(ratings(3000), ratings(500))
    assert found.columns_left_out == ()
    assert found.rows is not None
    assert found.rows.leaked < 400


def test_columns_that_are_missing_are_named(tmp_path: Path) -> None:
    saved(tmp_path, train=split(30, 0), test=split(30, 1), alien={"z": np.zeros(4), "w": np.ones(4)})
    with pytest.raises(UsageError, match=r"unknown group column 'game'.*game_id"):
        compare_splits(tmp_path / "train.npz", tmp_path / "test.npz", group="game")
    with pytest.raises(UsageError, match="no column in common"):
        compare_splits(tmp_path / "train.npz", tmp_path / "alien.npz")
    (tmp_path / "cut.npy").write_bytes((np.lib.format.MAGIC_PREFIX + b"\x01\x00") * 2)
    with pytest.raises(UnreadableDataError, match=r"cut\.npy"):
        compare_splits(tmp_path / "cut.npy", tmp_path / "test.npz")
    with pytest.raises(UsageError, match="no column"):
        compare_splits([], [])

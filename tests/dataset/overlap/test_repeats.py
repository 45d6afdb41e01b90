"""One dataset by itself: copies, labels that contradict each other, and what copies of pairs cost; coarse columns are left alone."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from traindx.arrays import MemorySource
from traindx.dataset import Audit, audit, compare_splits
from traindx.dataset.overlap import overlap_findings, repeats_within


def codes(found: Audit) -> set[str]:
    return {finding.code for finding in found.findings if finding.code.startswith("LEK")}


def said(found: Audit, code: str) -> str:
    return next(finding.headline for finding in found.findings if finding.code == code)


def sentences(rows: int, seed: int) -> list[str]:
    rng = np.random.default_rng(seed)
    words = ["".join(word) for word in rng.choice(list("abcdefghijklmnopqrst"), (2000, 6))]
    return [" ".join(rng.choice(words, 14)) for _ in range(rows)]


def test_copies_and_labels_that_contradict_them_are_counted(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(1000, 3)), rng.integers(0, 3, 1000)
    x[900:], y[900:] = x[:100], y[:100]
    y[950:] = (y[50:100] + 1) % 3
    np.savez(tmp_path / "d.npz", x=x, y=y)
    found = audit(tmp_path / "d.npz")
    assert said(found, "LEK005") == "100 of 1,000 rows of d.npz (10 %) are copies of an earlier row"
    assert said(found, "LEK009") == "50 of 1,000 rows of d.npz (5 %) carry another label than equal rows do"
    (conflict,) = (finding for finding in found.findings if finding.code == "LEK009")
    assert conflict.evidence[0].measured == pytest.approx(0.95)
    assert "rows 50 and 950" in conflict.evidence[0].note


@pytest.mark.parametrize("rows", [50, 1000, 20_000])
def test_rows_that_nobody_copied_are_not_called_copies(tmp_path: Path, rows: int) -> None:
    rng = np.random.default_rng(rows)
    binary = rng.integers(0, 2, (rows, 12))
    tables: dict[str, dict[str, Any]] = {
        "continuous": {"x": rng.normal(size=(rows, 2)), "label": rng.integers(0, 3, rows)},
        "coarse": {f"q{i}": binary[:, i] for i in range(12)} | {"label": rng.integers(0, 2, rows)},
        "dependent": {f"q{i}": (binary[:, i // 2] + (rng.random(rows) < 0.05)) % 2 for i in range(24)},
        "labels": {"label": rng.integers(0, 10, rows)},
        "cities": {"city": np.array(["Graz", "Wien", "Linz"])[rng.integers(0, 3, rows)]},
        "signal": {"signal": rng.integers(0, 50, rows)},
        "constant": {"a": np.ones(rows), "b": np.zeros(rows)},
    }
    for name, columns in tables.items():
        np.savez(tmp_path / f"{name}.npz", **columns)
        assert codes(audit(tmp_path / f"{name}.npz")) == set(), name


def test_rounded_measurements_are_told_apart_from_copies_of_them(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    common = rng.normal(size=(4000, 1))
    x = np.round(10 * (common + rng.normal(size=(4000, 10))))  # about fifty values each, correlated by a half
    np.savez(tmp_path / "a.npz", x=x)
    np.savez(tmp_path / "b.npz", x=x[np.sort(rng.integers(0, 4000, 5000))])
    assert codes(audit(tmp_path / "a.npz")) == set()
    assert "LEK005" in codes(audit(tmp_path / "b.npz"))


def test_captions_that_repeat_put_a_floor_under_a_contrastive_loss(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    captions = np.repeat(sentences(200, 1), 5)
    np.savez(tmp_path / "c.npz", image=rng.normal(size=(1000, 64)).astype(np.float32), caption=captions)
    group = np.arange(1000) // 5
    drawn = [group[rng.permutation(1000)[:256]] for _ in range(300)]
    simulated = np.mean([np.log(np.bincount(batch)[batch]).mean() for batch in drawn])
    assumed, told = audit(tmp_path / "c.npz"), audit(tmp_path / "c.npz", batch_size=256)
    for found in (assumed, told):
        (floor,) = (finding for finding in found.findings if finding.code == "LEK006")
        assert floor.evidence[0].measured == pytest.approx(simulated, abs=0.02)
        assert floor.evidence[2].measured == pytest.approx(0.2)  # one of five equal captions comes first
    assert "batches of 256 (assumed)" in said(assumed, "LEK006")
    assert "batches of 256 cannot" in said(told, "LEK006")


def test_labels_are_contrasted_only_where_a_batch_size_is_told(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "d.npz", x=rng.normal(size=(1000, 80)), label=rng.integers(0, 10, 1000))
    assert codes(audit(tmp_path / "d.npz")) == set()
    assert "over label in batches of 64" in said(audit(tmp_path / "d.npz", batch_size=64), "LEK006")


def test_of_a_large_dataset_the_first_rows_are_compared_and_it_is_said() -> None:
    x = np.random.default_rng(0).normal(size=(1000, 8))
    x[500:600] = x[:100]
    found = repeats_within([MemorySource(x, name="x")], most_bytes=64 * 550)
    assert found.rows is not None
    assert (found.rows.train_rows, found.rows.train_copies) == (550, 50)
    assert found.limits == ("duplicates: only the first 550 of 1,000 rows were compared",)


@pytest.mark.parametrize("x", [np.zeros((0, 3)), np.zeros((1, 3)), np.full((30, 3), np.nan), np.zeros(())])
def test_odd_arrays_raise_nothing(x: np.ndarray) -> None:
    assert not [f for f in overlap_findings(repeats_within([MemorySource(x, name="x")])) if f.code == "LEK009"]


def test_a_second_split_shows_near_copies_of_texts(tmp_path: Path) -> None:
    train, test = sentences(300, 0), sentences(80, 1)
    for i in range(8):
        test[9 * i] = " ".join([*train[5 * i].split()[:-1], "zebra"])
    for name, texts in (("train", train), ("test", test)):
        with (tmp_path / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([["text"], *([text] for text in texts)])
        lines = "".join(json.dumps({"text": text, "n": len(text) % 7}) + "\n" for text in texts)
        (tmp_path / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    for ending in ("csv", "jsonl"):
        found = audit(tmp_path / f"train.{ending}", against=tmp_path / f"test.{ending}")
        assert said(found, "LEK002").startswith(f"8 of 80 texts of test.{ending} (10 %) nearly equal a training row")


def test_a_second_split_shows_images_that_were_saved_again_however_few_there_are(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for folder, count in (("train", 24), ("test", 10)):
        (tmp_path / folder).mkdir()
        for i in range(count):
            small = Image.fromarray(rng.integers(0, 255, (8, 8, 3), dtype=np.uint8))
            small.resize((64, 64)).save(tmp_path / folder / f"{i:02}.png")
    for i in range(4):
        Image.open(tmp_path / "train" / f"{3 * i:02}.png").save(tmp_path / "test" / f"copy{i}.jpg", quality=80)
    found = audit(tmp_path / "train", against=tmp_path / "test")
    assert said(found, "LEK002").startswith("4 of 14 images of test (28.6 %) nearly equal a training row")


def test_a_second_split_shows_embeddings_of_the_same_scene(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    scenes = rng.normal(size=(100, 128))
    frames = (np.repeat(scenes, 10, axis=0) + 0.05 * rng.normal(size=(1000, 128))).astype(np.float32)
    order = rng.permutation(1000)
    np.save(tmp_path / "train.npy", frames[order[:900]])
    np.save(tmp_path / "test.npy", frames[order[900:]])
    assert "100 of 100 embeddings of test.npy" in said(
        audit(tmp_path / "train.npy", against=tmp_path / "test.npy"), "LEK002"
    )


def test_a_column_of_cities_beside_another_split_is_no_contrastive_training() -> None:
    rng = np.random.default_rng(0)

    def split(rows: int) -> list[MemorySource]:
        city = np.array(["Graz", "Wien", "Linz"], dtype=object)[rng.integers(0, 3, rows)]
        return [MemorySource(rng.normal(size=(rows, 4)), name="x"), MemorySource(city, name="city", kind="text")]

    assert overlap_findings(compare_splits(split(50), split(20))) == []


def test_splits_that_share_only_the_label_are_not_called_equal() -> None:
    def split(rows: int, width: int) -> list[MemorySource]:
        return [MemorySource(np.ones((rows, width)), name="x"), MemorySource(np.arange(rows) % 2, name="label")]

    found = compare_splits(split(90, 3), split(50, 7))
    assert found.rows is None
    assert "equal rows were not looked for: the splits have nothing in common but the label" in found.limits
    assert overlap_findings(found) == []


def test_an_empty_dataset_or_split_is_not_healthy(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    x, label = rng.normal(size=(500, 3)), rng.integers(0, 2, 500)
    np.savez(tmp_path / "full.npz", x=x, label=label)
    np.savez(tmp_path / "empty.npz", x=x[:0], label=label[:0])
    assert audit(tmp_path / "full.npz").verdict.state == "healthy"
    assert audit(tmp_path / "empty.npz").verdict.summary == "it holds no rows"
    found = audit(tmp_path / "full.npz", against=tmp_path / "empty.npz")
    assert found.verdict.state == "inconclusive"
    assert "nothing was compared: empty.npz holds no rows" in found.limits
    assert not [code for code in found.passed if code.startswith("LEK")]


def test_what_a_comparison_lacked_is_not_called_passed(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for name in ("a", "b"):
        np.savez(tmp_path / f"{name}.npz", x=rng.normal(size=(500, 3)), label=rng.integers(0, 2, 500))
    found = audit(tmp_path / "a.npz", against=tmp_path / "b.npz")
    assert {"LEK001", "LEK004", "LEK008", "LEK009"} <= set(found.passed)
    assert {"LEK002", "LEK003", "LEK006"} <= {code for lack in found.unasked for code in lack.codes}


def test_one_long_text_in_every_row_is_a_copy_and_no_name_of_a_kind(tmp_path: Path) -> None:
    for name, text in (("failed", "the page could not be loaded, please try again later"), ("kind", "red")):
        np.savez(tmp_path / f"{name}.npz", text=np.array([text] * 300))
    assert said(audit(tmp_path / "failed.npz"), "LEK005").endswith("copies of an earlier row: 300 of one content")
    assert "LEK005" not in codes(audit(tmp_path / "kind.npz"))


def test_pictures_with_class_labels_are_no_contrastive_training_until_a_batch_size_is_told(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    image = rng.integers(0, 255, (60, 16, 16), dtype=np.uint8)
    image[40:] = image[:20]
    np.savez(tmp_path / "d.npz", image=image, label=np.arange(60) % 2)
    assert codes(audit(tmp_path / "d.npz")) == {"LEK005"}
    assert "over image in batches of 30" in said(audit(tmp_path / "d.npz", batch_size=30), "LEK006")

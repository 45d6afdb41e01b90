"""Data as people keep it: what is ordinary is not called a fault, and what is a fault beside it still is."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.dataset.checks.made import found, only, rng, subject
from traindx.dataset import Audit, audit
from traindx.dataset.checks.class_imbalance import ClassImbalance
from traindx.dataset.checks.constant_features import ConstantFeatures
from traindx.dataset.checks.label_ids import LabelIds
from traindx.dataset.checks.mostly_padding import MostlyPadding
from traindx.dataset.checks.pooled_groups import PooledGroups
from traindx.dataset.checks.unscaled_values import UnscaledValues
from traindx.diagnosis import Severity


def audited(folder: Path, **arrays: Any) -> Audit:
    np.savez(folder / "data.npz", **arrays)
    return audit(folder / "data.npz")


def language(rows: int = 200, length: int = 32) -> dict[str, Any]:
    draw = rng()
    share = 1 / np.arange(1, 2_000)
    ids = draw.choice(np.arange(1, 2_000), (rows, length), p=share / share.sum())
    active = np.arange(length) < draw.integers(4, length, rows)[:, None]
    return {
        "input_ids": np.where(active, ids, 0),
        "attention_mask": active.astype(np.int64),
        "labels": np.where(active, ids, -100),
    }


def test_labels_of_a_language_model_are_tokens_and_no_imbalanced_classes() -> None:
    one = subject(language())
    assert one.token_labels == {"labels"}
    assert not found(ClassImbalance, one)
    assert not found(LabelIds, one)


def test_tags_of_words_stay_classes() -> None:
    given = language()
    tags = np.where(given["labels"] < 0, -100, given["labels"] % 7 == 0)
    assert not subject({**given, "labels": tags}).token_labels


def test_the_unigram_entropy_is_that_of_what_the_loss_is_over(tmp_path: Path) -> None:
    given = language()
    kept = given["labels"][given["labels"] >= 0]
    counts = np.unique(kept, return_counts=True)[1] / kept.size
    entropy = -(counts * np.log(counts)).sum()
    for arrays in (given, {"input_ids": given["input_ids"]}):  # with labels, and with padding alone
        facts = {fact.key: fact.value for fact in audited(tmp_path, **arrays).baselines.facts}
        assert facts["unigram_entropy"] == pytest.approx(entropy, rel=1e-12)
        assert "num_classes" not in facts


def test_padding_that_a_mask_marks_is_told_and_no_fault() -> None:
    given = language()
    assert only(MostlyPadding, subject(given)).severity is Severity.INFO
    assert only(MostlyPadding, subject({"input_ids": given["input_ids"]})).severity is Severity.WARNING


def test_masks_of_a_segmentation_do_not_hide_pixels(tmp_path: Path) -> None:
    images = rng().random((30, 16, 16, 3), np.float32)
    masks = np.zeros((30, 16, 16), np.uint8)
    masks[:, :4, :4] = 1
    answer = audited(tmp_path, images=images, masks=masks)
    assert answer.profile.arrays[0].whole.count == images.size
    assert not answer.findings


def test_a_table_in_natural_units_is_not_failing(tmp_path: Path) -> None:
    draw = rng()
    columns = {
        "id": np.arange(400) + 100_000,
        "timestamp": 1.7e9 + np.cumsum(draw.integers(1, 99, 400)) + 0.5,
        "zip": draw.integers(10_000, 99_999, 400),
        "distance": draw.normal(2e5, 5e4, 400),
        "age": draw.integers(18, 90, 400),
        "label": draw.integers(0, 2, 400),
    }
    answer = audited(tmp_path, **columns)
    assert answer.verdict.state == "attention"
    told = " ".join(finding.headline for finding in answer.findings)
    assert "timestamp" not in told
    assert "zip" not in told


@pytest.mark.parametrize("size", [8, 256])
def test_embeddings_of_unit_length_are_scaled_and_shrunk_ones_are_not(size: int) -> None:
    rows = rng().normal(size=(500, size))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    assert not found(UnscaledValues, subject({"embeddings": rows}))
    assert only(UnscaledValues, subject({"embeddings": rows / 30})).severity is Severity.WARNING


def test_waveforms_keep_their_scale() -> None:
    sound = 0.05 * rng().normal(size=(20, 200)).clip(-4, 4)
    assert not found(UnscaledValues, subject({"waveform": sound}))
    assert only(UnscaledValues, subject({"waveform": sound * 32_768})).severity is Severity.ERROR


def test_features_that_never_vary_are_told_once_and_not_to_be_divided_by_their_rounding() -> None:
    x = rng().normal(size=(500, 3))
    x[:, 2] = 1000 + 1e-5 * x[:, 2]
    one = subject({"x": x})
    assert not found(UnscaledValues, one)
    assert "x" in only(ConstantFeatures, one).headline


def test_groups_of_different_level_and_one_scale_are_not_told_to_differ_in_scale() -> None:
    draw = rng()
    group = draw.integers(0, 5, 2_000)
    x = draw.normal(size=(2_000, 1)) + (20 * np.arange(5.0))[group][:, None]
    finding = only(PooledGroups, subject({"x": x, "group": group}, group="group"))
    inside = np.std(x[:, 0] - np.array([x[group == g].mean() for g in range(5)])[group]) / x.std()
    assert f"values vary by {inside:.3f}"[:-1] in finding.why


def test_labels_from_one_are_told_without_the_number_of_classes() -> None:
    finding = only(LabelIds, subject({"label": rng().integers(1, 11, 500)}))
    assert "from 1 to 10" in finding.headline
    assert finding.severity is Severity.WARNING
    assert not found(LabelIds, subject({"label": rng().integers(0, 10, 500)}))


def test_three_rows_are_too_few_for_a_verdict(tmp_path: Path) -> None:
    answer = audited(tmp_path, x=rng().normal(size=(3, 2)), y=np.array([0, 1, 1]))
    assert answer.verdict.state == "inconclusive"
    assert "3 rows" in answer.verdict.summary


def test_one_broken_picture_costs_one_picture(tmp_path: Path) -> None:
    image = importlib.import_module("PIL.Image")
    for number in range(9):
        pixels = rng(number).integers(0, 256, (8, 8, 3), np.uint8)
        image.fromarray(pixels).save(tmp_path / f"{number}.png")
    (tmp_path / "4.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    answer = audit(tmp_path)
    (limit,) = (limit for limit in answer.limits if "could not be read" in limit)
    assert limit.startswith("image: 1 row could not be read")
    assert "is no image of a known format" in limit
    assert answer.profile.arrays[0].whole.count == 8 * 8 * 8 * 3

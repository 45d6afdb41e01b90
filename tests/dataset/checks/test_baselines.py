"""What knowing nothing scores on a dataset, in a file, and in the judgement of a run."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dataset.checks.made import rng
from traindx.dataset import DataBaselines, audit, baselines_document, read_baselines
from traindx.errors import UnreadableDataError, UsageError


def levels(found: DataBaselines) -> dict[tuple[str, str], float]:
    return {(level.loss, level.answer): level.baseline.value for level in found.levels}


def facts(found: DataBaselines) -> dict[str, float | int | str]:
    return {fact.key: fact.value for fact in found.facts}


def audited(folder: Path, told: dict[str, Any] | None = None, **arrays: object) -> DataBaselines:
    np.savez(folder / "data.npz", **arrays)  # type: ignore[arg-type]
    return audit(folder / "data.npz", **(told or {})).baselines


def test_the_levels_of_targets_are_the_losses_of_constant_answers(tmp_path: Path) -> None:
    y = rng().standard_t(4, (3_000, 2)) * [1.0, 5.0] + [0.5, -2.0]
    found = audited(tmp_path, y=y)
    known = levels(found)
    assert known["mse", "zero"] == pytest.approx((y**2).mean())
    assert known["mse", "the mean"] == pytest.approx(y.var(0).mean())
    assert known["l1", "zero"] == pytest.approx(np.abs(y).mean())
    assert known["l1", "the median"] == pytest.approx(np.abs(y - np.median(y, 0)).mean(), rel=1e-3)
    r = np.abs(y - np.median(y, 0))
    assert known["huber", "the median"] == pytest.approx(np.where(r <= 1, r**2 / 2, r - 0.5).mean(), rel=1e-3)
    assert facts(found)["target_variance"] == pytest.approx(y.var(0).mean())
    assert facts(found)["target_std"] == pytest.approx(math.sqrt(y.var(0).mean()))
    assert facts(found)["num_samples"] == 3_000


def test_levels_of_padded_targets_are_those_of_the_active_entries(tmp_path: Path) -> None:
    mask = np.arange(6) < rng().integers(1, 7, (2_000, 1))
    y = np.where(mask, rng(1).normal(1, 3, (2_000, 6)), 0)
    known = levels(audited(tmp_path, {"mask": "valid"}, y=y, valid=mask))
    assert known["mse", "zero"] == pytest.approx((y[mask] ** 2).mean())
    assert known["l1", "zero"] == pytest.approx(np.abs(y[mask]).mean())


def test_the_last_value_is_told_where_rows_are_in_order_and_only_there(tmp_path: Path) -> None:
    walk = np.cumsum(rng().standard_normal(4_000))
    assert levels(audited(tmp_path, y=walk))["mse", "the last value"] == pytest.approx((np.diff(walk) ** 2).mean())
    sequences = np.cumsum(rng().standard_normal((50, 80, 2)), axis=1)
    known = levels(audited(tmp_path, y=sequences))
    assert known["mse", "the last value"] == pytest.approx((np.diff(sequences, axis=1) ** 2).mean())
    assert ("mse", "the last value") not in levels(audited(tmp_path, y=rng().permutation(walk)))


def test_the_levels_of_labels_are_their_entropy_and_the_commonest_share(tmp_path: Path) -> None:
    found = audited(tmp_path, x=rng().standard_normal((1_000, 3)), label=np.repeat([0, 1, 2], [700, 200, 100]))
    known = levels(found)
    assert known["cross_entropy", "the class frequencies"] == pytest.approx(0.8018, abs=1e-4)
    assert known["cross_entropy", "all classes equally"] == pytest.approx(math.log(3))
    assert known["accuracy", "the most frequent class"] == 0.7
    assert facts(found)["num_classes"] == 3
    assert facts(found)["class_prior"] == "0.7, 0.2, 0.1"


def test_two_classes_give_the_level_of_a_binary_loss(tmp_path: Path) -> None:
    found = audited(tmp_path, label=np.repeat([0, 1], [900, 100]))
    assert levels(found)["bce", "the share of positives"] == pytest.approx(0.3251, abs=1e-4)
    assert facts(found)["positive_rate"] == 0.1


def test_the_level_of_tokens_is_their_unigram_entropy(tmp_path: Path) -> None:
    tokens = np.repeat(np.arange(4), [500, 250, 125, 125]).reshape(10, 100)
    found = audited(tmp_path, {"vocab_size": 50}, tokens=tokens)
    assert levels(found)["lm", "the unigram frequencies"] == pytest.approx(1.75 * math.log(2))
    assert facts(found)["unigram_entropy"] == pytest.approx(1.75 * math.log(2))
    assert facts(found)["vocab_size"] == 50


def test_a_file_of_baselines_is_read_back_as_it_was(tmp_path: Path) -> None:
    found = audited(tmp_path, y=rng().standard_normal(500), label=rng().integers(0, 3, 500))
    path = tmp_path / "baselines.json"
    path.write_text(baselines_document(found))
    assert read_baselines(path) == found


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "not the baselines"),
        ("[1, 2]", "not the baselines"),
        ('{"data_baselines": "2"}', "version '2'"),
        ('{"data_baselines": "1", "path": "x", "baselines": [], "facts": [{"key": 3}]}', "not the baselines"),
    ],
)
def test_a_file_of_another_kind_or_version_is_an_error(text: str, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "baselines.json"
    path.write_text(text)
    with pytest.raises(UnreadableDataError, match=problem):
        read_baselines(path)


def test_a_file_that_is_not_there_is_a_misuse(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_baselines(tmp_path / "none.json")


@settings(max_examples=50, deadline=None)
@given(cut=st.integers(0, 3_000))
def test_a_file_that_is_cut_off_is_an_error_too(cut: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("cut")
    text = json.dumps({"data_baselines": "1", "path": "x", "baselines": [], "facts": []})
    (folder / "b.json").write_text(text[: min(cut, len(text) - 1)])
    with pytest.raises(UnreadableDataError):
        read_baselines(folder / "b.json")

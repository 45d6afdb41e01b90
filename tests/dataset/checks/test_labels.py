"""Labels, tokens and pairs."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.dataset.checks.made import found, only, rng, subject
from traindx.arrays import MemorySource
from traindx.dataset.checks import Subject, is_there
from traindx.dataset.checks.class_imbalance import ClassImbalance
from traindx.dataset.checks.ignored_labels import IgnoredLabels
from traindx.dataset.checks.label_ids import LabelIds
from traindx.dataset.checks.mostly_padding import MostlyPadding
from traindx.dataset.checks.pairs_do_not_match import PairsDoNotMatch
from traindx.dataset.checks.token_ids import TokenIds
from traindx.dataset.counts import count_values, counts_of
from traindx.dataset.pairs import pairing
from traindx.diagnosis import Severity
from traindx.errors import UsageError


def test_an_imbalance_is_told_with_the_accuracy_and_the_loss_of_knowing_the_frequencies() -> None:
    labels = np.repeat([0, 1], [950, 50])
    finding = only(ClassImbalance, subject({"label": labels}))
    assert finding.evidence[0].measured == 0.95
    assert finding.evidence[1].measured == pytest.approx(-0.95 * math.log(0.95) - 0.05 * math.log(0.05))
    assert finding.severity is Severity.WARNING


def test_balanced_classes_and_small_samples_of_them_are_left_alone() -> None:
    assert found(ClassImbalance, subject({"label": np.arange(1_000) % 10})) == []
    assert found(ClassImbalance, subject({"label": rng().integers(0, 10, 40)})) == []
    assert found(ClassImbalance, subject({"label": np.repeat([0, 1], [800, 200])})) == []


def test_labels_as_text_are_classes_too() -> None:
    words = np.array(["cat"] * 990 + ["dog"] * 10, object)
    counts = count_values(MemorySource(words, name="label", where="label", kind="text"))
    (finding,) = ClassImbalance().check(subject_with(counts))
    assert "always answering class cat is right in 99 %" in finding.headline


def subject_with(*labels: object) -> Subject:
    from dataclasses import replace

    return replace(subject({"x": rng().standard_normal(20)}), labels=labels)  # type: ignore[arg-type]


def test_labels_from_one_to_c_are_recognised_as_shifted() -> None:
    finding = only(LabelIds, subject({"label": rng().integers(1, 11, 1_000)}, num_classes=10))
    assert finding.do == ("subtract 1 from the labels",)
    assert finding.severity is Severity.ERROR


def test_labels_beyond_the_classes_are_counted_and_named() -> None:
    labels = np.concatenate([np.arange(990) % 10, np.full(10, 17)])
    finding = only(LabelIds, subject({"label": labels}, num_classes=10))
    assert "1 % of label lie outside the classes 0 to 9: 17" in finding.headline
    assert finding.evidence[0].measured == 10


def test_labels_that_losses_ignore_are_no_fault_and_minus_two_is_one() -> None:
    good = np.concatenate([np.arange(990) % 10, np.full(10, -100)])
    assert found(LabelIds, subject({"label": good}, num_classes=10)) == []
    assert "-2" in only(LabelIds, subject({"label": np.where(good < 0, -2, good)}, num_classes=10)).headline


def test_void_pixels_of_a_segmentation_are_no_class() -> None:
    labels = np.concatenate([np.arange(2_100) % 21, np.full(900, 255)])
    assert found(LabelIds, subject({"label": labels}, num_classes=21)) == []
    assert found(ClassImbalance, subject({"label": labels}, num_classes=21)) == []


def test_fractions_and_missing_labels_of_a_floating_point_column_are_counted() -> None:
    labels = np.concatenate([np.arange(997) % 3, [0.5, np.nan, np.nan]]).astype(np.float64)
    finding = only(LabelIds, subject({"label": labels}, labels=("label",)))
    assert "1 fractions and 2 missing" in finding.headline


def test_identifiers_with_gaps_and_classes_that_never_occur_are_told() -> None:
    assert "never occur" in only(LabelIds, subject({"label": rng().choice([3, 70, 900], 500)})).headline
    assert (
        "1 of 4 classes never occur" in only(LabelIds, subject({"label": np.arange(300) % 3}, num_classes=4)).headline
    )


def test_a_dataset_of_ignored_labels_makes_nan() -> None:
    labels = np.full(1_000, -100)
    labels[:10] = 1
    finding = only(IgnoredLabels, subject({"labels": labels}))
    assert finding.evidence[0].measured == 0.99
    assert f"{0.99**64:.4g}" in finding.why
    labels[:100] = 1
    assert found(IgnoredLabels, subject({"labels": labels})) == []


def test_tokens_beyond_the_vocabulary_are_counted() -> None:
    tokens = rng().integers(0, 1_000, (200, 64))
    tokens[3, 5] = 32_001
    finding = only(TokenIds, subject({"input_ids": tokens}, vocab_size=32_000))
    assert finding.headline == "1 tokens of input_ids lie outside the vocabulary of 32,000: 32001"
    assert found(TokenIds, subject({"input_ids": tokens}, vocab_size=32_002)) == []
    assert not is_there(subject({"input_ids": tokens}), TokenIds.needs)


def test_padding_that_fills_the_tokens_is_told_with_the_factor_of_the_loss() -> None:
    tokens = rng().integers(1, 500, (100, 100))
    tokens[:, 40:] = 0
    finding = only(MostlyPadding, subject({"tokens": tokens}))
    assert finding.evidence[0].measured == 0.6
    assert "0.40 times the true one" in finding.why
    text = rng().zipf(1.3, 20_000) % 5_000
    assert found(MostlyPadding, subject({"tokens": text})) == []


def test_values_are_counted_alike_in_tables_and_one_by_one() -> None:
    near, far = rng().integers(0, 50, 10_000), rng().integers(-(10**12), 10**12, 3_000)
    for values in (near, far, near - 100, np.concatenate([near, far])):
        counts = counts_of(values)
        expected = np.unique(values, return_counts=True)
        assert np.array_equal(counts.values, expected[0])
        assert np.array_equal(counts.counts, expected[1])


def pairs(noise: float, shift: int = 0, seed: int = 0) -> Subject:
    from dataclasses import replace

    source = rng(seed)
    a = source.standard_normal((600, 12))
    b = np.roll(a @ source.standard_normal((12, 20)) + noise * source.standard_normal((600, 20)), shift, axis=0)
    one = pairing(MemorySource(a, name="a", where="a"), MemorySource(b, name="b", where="b"))
    return replace(subject({"x": a}), pairs=(one,))


@pytest.mark.parametrize("noise", [0.1, 3.0, 10.0])
def test_pairs_that_belong_together_are_left_alone_even_in_noise(noise: float) -> None:
    assert found(PairsDoNotMatch, pairs(noise)) == []


def test_shuffled_pairs_are_no_more_related_than_random_ones() -> None:
    source = rng(3)
    a, b = source.standard_normal((500, 8)), source.standard_normal((500, 8))
    from dataclasses import replace

    one = pairing(MemorySource(a, where="a"), MemorySource(b, where="b"))
    assert abs(one.deviations) < 4
    finding = only(PairsDoNotMatch, replace(subject({"x": a}), pairs=(one,)))
    assert finding.confidence == 0.7


def test_pairs_displaced_by_a_row_are_recognised_with_the_displacement() -> None:
    finding = only(PairsDoNotMatch, pairs(0.5, shift=1))
    assert "displaced by -1 row" in finding.headline or "displaced by 1 row" in finding.headline
    assert finding.confidence > 0.95


def test_arrays_of_different_length_cannot_be_paired() -> None:
    with pytest.raises(UsageError, match="cannot be paired"):
        pairing(MemorySource(np.zeros((5, 2))), MemorySource(np.zeros((6, 2))))


@pytest.mark.parametrize(
    ("name", "values", "role"),
    [
        ("label", np.arange(900) % 3, "labels"),
        ("y", np.arange(900) % 3, "labels"),
        ("y", (np.arange(900) % 3).astype(float), "labels"),
        ("y", np.arange(900) % 8 * 100.0, "values"),
        ("y", np.arange(900) ** 2 % 887, "values"),
        ("train/labels", np.arange(900) % 300, "labels"),
        ("id", np.arange(900), "identifier"),
        ("row", np.arange(900.0), "identifier"),
        ("patient", np.arange(900) // 30, "identifier"),
        ("input_ids", np.arange(900).reshape(30, 30) % 70, "tokens"),
        ("valid", np.ones((900, 3), bool), "mask"),
        ("bbox", np.arange(3_600.0).reshape(900, 4), "boxes"),
        ("kind", np.arange(900) % 5, "categories"),
        ("height", np.arange(900.0) * 1.5, "values"),
    ],
)
def test_an_array_is_taken_for_what_its_name_type_and_values_say(name: str, values: np.ndarray, role: str) -> None:
    assert subject({name: values, "other": rng().standard_normal(900)}).roles[name] == role

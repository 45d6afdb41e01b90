"""Which size of a configuration the loss ranges over: the vocabulary, or the labels of a classifier."""

from __future__ import annotations

import pytest

from traindx.context.fact_table import facts_from_settings
from traindx.context.keys import FactValue
from traindx.run import Setting


def read(settings: dict[str, str | int]) -> dict[str, FactValue]:
    rows = [Setting(name, value, f"config.json:{i}") for i, (name, value) in enumerate(settings.items(), 1)]
    return {fact.key: fact.value for fact in facts_from_settings(rows)}


def test_a_language_model_ranges_over_its_vocabulary() -> None:
    facts = read({"architectures.0": "T5ForConditionalGeneration", "vocab_size": 32128})
    assert facts["vocab_size"] == 32128


def test_a_classifier_over_texts_ranges_over_its_labels_and_not_over_its_vocabulary() -> None:
    labels = {f"id2label.{i}": name for i, name in enumerate(("sad", "glad", "calm"))}
    head = {"architectures.0": "BertForSequenceClassification", "problem_type": "single_label_classification"}
    facts = read({**head, **labels, "vocab_size": 30522})
    assert facts["num_classes"] == 3
    assert "vocab_size" not in facts


def test_labels_that_are_not_written_down_are_the_two_that_the_library_assumes() -> None:
    facts = read({"model_config.problem_type": "single_label_classification", "model_config.vocab_size": 4096})
    assert facts["num_classes"] == 2


@pytest.mark.parametrize("task", ["regression", "multi_label_classification"])
def test_a_head_without_a_softmax_has_no_number_of_classes(task: str) -> None:
    facts = read({"architectures.0": "BertForSequenceClassification", "problem_type": task, "vocab_size": 30522})
    assert not {"num_classes", "vocab_size"} & facts.keys()


def test_labels_of_a_part_of_the_model_are_not_counted_with_its_own() -> None:
    labels = {
        "id2label.0": "a",
        "id2label.1": "b",
        "id2label.2": "c",
        "encoder.id2label.0": "x",
        "encoder.id2label.1": "y",
    }
    assert read({"architectures.0": "ViTForImageClassification", **labels})["num_classes"] == 3


def test_a_number_of_classes_that_is_told_stands() -> None:
    facts = read(
        {"architectures.0": "ViTForImageClassification", "num_labels": 7, "id2label.0": "a", "id2label.1": "b"}
    )
    assert facts["num_classes"] == 7

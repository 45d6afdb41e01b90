"""A case: given facts before read ones before inferred ones, and curves of one attempt."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from traindx.context import (
    FACTS,
    GRAD_NORM,
    JUDGED_LOSS,
    METRICS,
    NUM_CLASSES,
    REFERENCES,
    TRAIN_LOSS,
    TWINS,
    VAL_LOSS,
    Case,
    UndeclaredKeyError,
    build_case,
)
from traindx.errors import UsageError
from traindx.run import Run, Series, Setting, floats
from traindx.testing import run_of

CONTRASTIVE = {
    "train/contrastive_loss": f"every 10; flat {math.log(256):.6f} 40; noise 0.0005",
    "val/contrastive_loss": f"every 50; flat {math.log(256):.6f} 8",
}


def hits(size: int, *counts: tuple[int, int, int]) -> dict[str, str]:
    columns = zip(("val/R@1 (%)", "val/R@5 (%)", "val/R@10 (%)"), zip(*counts, strict=True), strict=True)
    return {name: "values " + " ".join(f"{100 * c / size:.2f}" for c in found) for name, found in columns}


def test_a_given_fact_overrides_a_read_one_and_a_read_one_an_inferred_one() -> None:
    run = run_of(CONTRASTIVE)
    settings = (Setting("batch_size", 512, "config.yaml:3"),)
    inferred, read = build_case(run), build_case(replace(run, settings=settings))
    given = build_case(replace(run, settings=settings), given={"batch_size": 1024})
    found = [(case[FACTS]["batch_size"].value, case[FACTS]["batch_size"].origin) for case in (inferred, read, given)]
    assert found == [(256, "inferred"), (512, "read"), (1024, "given")]
    assert read[FACTS]["batch_size"].source == "config.yaml:3"
    assert given.values["batch_size"] == 1024


def test_a_fact_given_as_text_is_read_as_its_type() -> None:
    case = build_case(run_of({"loss": "exp 2.3 1 20"}), given={"num_classes": "10"})
    assert case[NUM_CLASSES] == 10


@pytest.mark.parametrize("facts", [{"num_classs": 10}, {"num_classes": "many"}])
def test_a_fact_that_is_unknown_or_of_another_type_is_refused(facts: dict[str, int | str]) -> None:
    with pytest.raises(UsageError):
        build_case(run_of({"loss": "exp 2.3 1 20"}), given={k: str(v) for k, v in facts.items()})


def test_an_override_changes_what_a_name_means() -> None:
    run = run_of({"zorb": "exp 2.3 1 20", "val/loss": "exp 2.4 1.2 20"})
    assert TRAIN_LOSS not in build_case(run)
    assert build_case(run, roles={"zorb": "train/loss"})[TRAIN_LOSS].name == "zorb"


def test_a_named_metric_is_judged_in_place_of_the_loss() -> None:
    run = run_of({"train/loss": "exp 2.3 1 20", "train/other_loss": "exp 5 4 20"})
    assert build_case(run)[JUDGED_LOSS].name == "train/loss"
    assert build_case(run, metric="train/other_loss")[JUDGED_LOSS].name == "train/other_loss"
    with pytest.raises(UsageError, match="train/lss"):
        build_case(run, metric="train/lss")


@pytest.mark.parametrize("size", [32, 96, 256, 4096])
def test_the_batch_size_of_a_contrastive_loss_at_chance_is_inferred(size: int) -> None:
    case = build_case(run_of({"contrastive_loss": f"every 10; flat {math.log(size):.5f} 40; noise 0.0003"}))
    assert case[FACTS]["batch_size"].value == size
    assert case[FACTS]["batch_size"].origin == "inferred"
    assert f"ln {size}" in case[FACTS]["batch_size"].source
    assert [ref.origin for ref in case[REFERENCES] if ref.kind == "chance"] == ["inferred"]


@pytest.mark.parametrize(
    "shape",
    [
        "every 10; exp 5.5 2 40",  # it learns: its level says nothing of the batch
        "every 10; flat 5.2 40; noise 0.0005",  # e^5.2 = 181 is no batch size
        "every 10; flat 5.5 40; noise 0.2",  # its noise covers several sizes
    ],
)
def test_no_batch_size_is_inferred_from_other_levels(shape: str) -> None:
    assert "batch_size" not in build_case(run_of({"contrastive_loss": shape}))[FACTS]


def test_nothing_is_inferred_for_a_loss_that_is_not_contrastive() -> None:
    assert "batch_size" not in build_case(run_of({"loss": f"flat {math.log(256):.6f} 40"}))[FACTS]


def test_the_gallery_size_is_inferred_from_percentages_that_are_its_counts() -> None:
    fact = build_case(run_of(hits(446, (56, 139, 188), (59, 152, 199))))[FACTS]["gallery_size"]
    assert (fact.value, fact.origin) == (446, "inferred")


def test_percentages_that_fit_too_many_sizes_give_no_gallery() -> None:
    rounded = {"val/R@1 (%)": "values 12.5", "val/R@5 (%)": "values 31.2", "val/R@10 (%)": "values 42.1"}
    assert "gallery_size" not in build_case(run_of(rounded))[FACTS]
    assert "gallery_size" not in build_case(run_of(hits(9_973, (1257, 3111, 4213))))[FACTS]


@pytest.mark.parametrize("counts", [(0, 5, 9), (446, 446, 446)])
def test_percentages_of_nothing_or_all_are_no_counts_to_go_by(counts: tuple[int, int, int]) -> None:
    fact = build_case(run_of(hits(446, counts)))[FACTS].get("gallery_size")
    assert fact is None or fact.origin == "inferred"


def attempts(*lengths: int) -> Run:
    values = np.concatenate([2.0 - 0.01 * np.arange(n) + 10 * i for i, n in enumerate(lengths)])
    steps = np.concatenate([np.arange(n) for n in lengths])
    return Run(name="r", series={"loss": Series(name="loss", values=floats(values), steps=floats(steps))}, sources=())


def test_the_last_attempt_of_a_log_is_judged_and_the_whole_is_kept() -> None:
    reading = build_case(attempts(40, 30))[TRAIN_LOSS]
    assert len(reading.series) == 30
    assert reading.series.values[0] == 12.0
    assert len(reading.whole) == 70


def test_a_last_attempt_of_a_few_points_says_less_than_the_longest() -> None:
    reading = build_case(attempts(40, 20, 3))[TRAIN_LOSS]
    assert len(reading.series) == 40


def test_a_resume_from_a_checkpoint_is_no_new_attempt() -> None:
    steps = floats([*range(50), *range(45, 80)])
    run = Run(
        name="r", series={"loss": Series(name="loss", values=floats(2.0 - 0.01 * steps), steps=steps)}, sources=()
    )
    assert len(build_case(run)[TRAIN_LOSS].series) == 85


def test_what_a_run_does_not_hold_is_absent_from_its_case() -> None:
    case = build_case(run_of({"val/loss": "exp 2 1 20"}))
    assert VAL_LOSS in case
    assert not any(key in case for key in (TRAIN_LOSS, GRAD_NORM, METRICS, TWINS))
    assert case.get(GRAD_NORM) is None


def test_a_rule_that_reads_what_it_did_not_declare_fails() -> None:
    case: Case = build_case(run_of({"train/loss": "exp 2 1 20"})).only((TRAIN_LOSS,))
    assert case[TRAIN_LOSS].name == "train/loss"
    with pytest.raises(UndeclaredKeyError, match="val_loss"):
        case.get(VAL_LOSS)


def test_a_series_without_a_finite_point_has_no_curve() -> None:
    case = build_case(run_of({"train/loss": "values nan inf nan"}))
    assert case[TRAIN_LOSS].curve is None

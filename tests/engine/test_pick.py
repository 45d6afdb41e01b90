"""The checkpoint to keep: by which objective, with which noise, and which file."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from traindx.context import build_case
from traindx.engine import diagnose_run, examine, pick, select_rules
from traindx.errors import UsageError
from traindx.run import Checkpoint, Run
from traindx.testing import run_of

VALLEY = "every 100; start 100; power 1.9 1.0 24; linear 1.0 1.3 16; noise 0.02"
RULES = select_rules()


def run(*checkpoints: Checkpoint, **series: str) -> Run:
    made = run_of({"train_loss": "every 100; start 100; exp 2 0.1 40; noise 0.01", "val_loss": VALLEY, **series})
    return replace(made, checkpoints=checkpoints)


def test_the_validation_loss_decides_where_no_metric_is_held_out() -> None:
    choice = pick(build_case(run())).choice
    assert choice is not None
    assert (choice.objective, choice.direction, choice.axis) == ("val_loss", "lower", "step")
    assert choice.at == pytest.approx(2400, abs=300)
    assert choice.noise == pytest.approx(0.02, rel=0.5)
    assert choice.corrected == pytest.approx(1.0, abs=0.03)


def test_a_held_out_task_metric_comes_before_the_loss_and_an_objective_before_both() -> None:
    both = run(val_acc="every 100; start 100; linear 0.2 0.8 39; values 0.8; noise 0.005")
    usual, by_loss = pick(build_case(both)).choice, pick(build_case(both), objective="loss").choice
    assert usual is not None
    assert by_loss is not None
    assert (usual.objective, by_loss.objective) == ("val_acc", "val_loss")
    assert usual.at > 3_500


def test_a_recall_is_found_by_the_name_that_people_use_for_it() -> None:
    found = pick(build_case(run(**{"val/r@1": "linear 0.1 0.5 40", "val/r@5": "linear 0.3 0.8 40"})), objective="R@5")
    assert found.choice is not None
    assert found.choice.objective == "val/r@5"


def test_an_unknown_objective_is_refused_with_what_there_is() -> None:
    with pytest.raises(UsageError, match="bleu") as refused:
        pick(build_case(run()), objective="bleu")
    assert "val_loss" in refused.value.hint


def test_the_checkpoint_on_disk_nearest_to_the_best_level_is_named_and_what_is_missing_is_said() -> None:
    saved = (Checkpoint("a/step_1000.pt", step=1000), Checkpoint("a/step_2200.pt", step=2200), Checkpoint("a/last.pt"))
    choice = pick(build_case(run(*saved))).choice
    assert choice is not None
    assert (choice.at, choice.path) == (2200, "a/step_2200.pt")
    nowhere = pick(build_case(run(Checkpoint("a/step_90000.pt", step=90_000)))).choice
    assert nowhere is not None
    assert nowhere.path == ""


def test_checkpoints_are_matched_by_epoch_where_their_names_count_epochs() -> None:
    epochs = run_of({"val_loss": "epochs; start 1; linear 2 1 12; linear 1.1 1.5 8; noise 0.01"})
    choice = pick(build_case(replace(epochs, checkpoints=(Checkpoint("m-epoch12.ckpt", epoch=12),)))).choice
    assert choice is not None
    assert choice.path == "m-epoch12.ckpt"


def test_of_a_run_at_chance_no_checkpoint_is_kept() -> None:
    stuck = run_of({"loss": "flat 5.545 60; noise 0.002", "val_loss": "flat 5.545 60; noise 0.002"})
    case = build_case(stuck, given={"loss": "info_nce", "batch_size": 256})
    picked = pick(case, examine(case, RULES).findings)
    assert picked.choice is None
    assert "5.545" in picked.why


def test_without_anything_held_out_the_reason_is_said() -> None:
    picked = pick(build_case(run_of({"loss": "exp 2 1 40"})))
    assert picked.choice is None
    assert "held-out" in picked.why


def test_a_choice_on_test_data_says_what_it_costs_and_shares_tell_their_sampling_error() -> None:
    tested = build_case(run_of({"loss": "exp 2 1 40", "test_acc": "linear 0.2 0.5 40"}), given={"num_val_samples": 100})
    choice = pick(tested).choice
    assert choice is not None
    assert "no test any more" in choice.text
    assert "± 0.098" in choice.text  # 1.96 sqrt(0.5 * 0.5 / 100)


def test_the_report_carries_the_choice() -> None:
    report = diagnose_run(run(), RULES)
    assert report.checkpoint is not None
    assert report.checkpoint.objective == "val_loss"


def test_a_hundred_thousand_evaluations_are_chosen_from_in_a_moment() -> None:
    rng = np.random.default_rng(0)
    values = " ".join(f"{v:.3f}" for v in 1 + rng.normal(0, 0.1, 20_000))
    choice = pick(build_case(run_of({"val_loss": f"values {values}"}))).choice
    assert choice is not None
    assert len(choice.tied) < 200

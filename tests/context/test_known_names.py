"""The names that real programs log mean what their documentation says."""

from __future__ import annotations

import csv
from itertools import pairwise
from pathlib import Path

import pytest

from traindx.context.roles import FAMILIES, KINDS, resolve

TABLE = Path(__file__).with_name("known_names.csv")


def rows() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["name"])
def test_a_known_name_has_its_meaning(row: dict[str, str]) -> None:
    role = resolve(row["name"])
    seen = {
        "name": row["name"],
        "kind": role.kind,
        "split": role.split or "",
        "component": role.component or "",
        "k": "" if role.k is None else str(role.k),
        "family": role.family or "",
        "part": role.part,
        "statistic": role.statistic or "",
    }
    assert seen == row


def test_the_table_is_long_enough_to_mean_something() -> None:
    names = [row["name"] for row in rows()]
    assert len(names) == len(set(names))
    assert len(names) >= 350


def test_every_kind_and_family_in_the_table_is_a_known_one() -> None:
    assert {row["kind"] for row in rows()} <= set(KINDS)
    assert {row["family"] for row in rows()} - {""} <= FAMILIES


def test_case_does_not_change_what_a_separated_name_means() -> None:
    for name in (row["name"] for row in rows()):
        if any(a.islower() and b.isupper() for a, b in pairwise(name)):
            continue  # here the capitals separate words
        assert resolve(name.lower()) == resolve(name), name
        assert resolve(name.upper()).kind == resolve(name).kind, name


NO_LOSSES = """
    time data_time eta memory max_mem num_tokens n_parameters epoch iter global_step train_runtime total_flos version seed
    loss_scale loss_weight loss_time batch_size lr wd momentum gpu_mem num_losses timestamp fps wall loss_scaler
    elapsed step_time tokens_per_sec num_classes samples consumed_samples
"""


@pytest.mark.parametrize("name", NO_LOSSES.split())
def test_time_memory_counts_and_settings_are_no_losses(name: str) -> None:
    assert resolve(name).kind not in {"loss", "accuracy", "unknown"}


def test_lower_is_better_for_losses_and_errors_and_higher_for_scores() -> None:
    assert {
        name: resolve(name).direction for name in ("loss", "wer", "perplexity", "fid", "median_rank")
    } == dict.fromkeys(("loss", "wer", "perplexity", "fid", "median_rank"), "lower")
    assert {resolve(name).direction for name in ("acc", "R@1", "mAP50", "dice", "reward", "psnr", "r2")} == {"higher"}
    assert {resolve(name).direction for name in ("lr", "grad_norm", "entropy", "kl", "temperature")} == {None}


def test_an_unscaled_term_is_not_weighted() -> None:
    assert resolve("loss_bbox_unscaled").weighted is False
    assert resolve("loss_bbox").weighted is None


def test_the_unit_is_taken_from_the_name_only() -> None:
    assert resolve("accuracy (%)").unit == "percent"
    assert resolve("eta_seconds").unit is None
    assert resolve("accuracy").unit is None
    assert resolve("gpu_max_cached_mem_GB").unit == "gigabytes"


def test_the_suffix_that_tells_twins_apart_changes_no_meaning_but_a_rank_is_a_part() -> None:
    assert resolve("val/loss [train.log]") == resolve("val/loss")
    assert resolve("val/loss [train.log] (2)") == resolve("val/loss")
    assert resolve("loss [rank 3]").part == "rank 3"


def test_a_guess_is_less_sure_than_a_plain_name() -> None:
    assert resolve("loss").confidence == 1.0
    assert resolve("closs").confidence < resolve("total_loss").confidence
    assert resolve("r").confidence < resolve("episode_reward").confidence
    assert resolve("qwertz").confidence == 0.0

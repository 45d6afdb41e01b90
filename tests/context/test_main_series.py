"""Which series is the total loss, the metric to select by, and the terms of the sum."""

from __future__ import annotations

import pytest

from traindx.context.roles import choose_main, choose_main_metric, components_of, resolve
from traindx.context.roles.role import Split


def main(lengths: dict[str, int], split: Split = "train") -> str | None:
    return choose_main({name: resolve(name) for name in lengths}, lengths, split)


def metric(names: str, split: Split = "val") -> str | None:
    listed = names.split()
    return choose_main_metric({name: resolve(name) for name in listed}, dict.fromkeys(listed, 10), split)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("loss lr grad_norm epoch", "loss"),
        ("loss_ce loss_bbox loss_giou loss lr", "loss"),
        ("total_loss loss_cls loss_box_reg", "total_loss"),
        ("closs loss_ct lr", "closs"),
        ("closs total_loss", "total_loss"),
        ("train/box_loss train/cls_loss train/dfl_loss", None),
        ("D_A G_A cycle_A idt_A", None),
        ("policy_loss value_loss entropy", None),
        ("train/ctc_loss train/wer", "train/ctc_loss"),
        ("l_pix lr", "l_pix"),
        ("nll_loss z_loss", "nll_loss"),
        ("ce_loss load_balancing_loss", "ce_loss"),
        ("loss [rank 1] loss", "loss"),
        ("train_loss_step train_loss_epoch", "train_loss_step"),
        ("loss_scale learning_rate", None),
        ("reward kl", None),
        ("best_loss lr", None),
    ],
)
def test_the_total_loss_is_found_among_series_of_equal_length(names: str, expected: str | None) -> None:
    listed = names.replace(" [", "\0[").replace("rank ", "rank\0").split()
    assert main({name.replace("\0", " "): 100 for name in listed}) == expected


def test_the_raw_loss_is_preferred_to_its_running_mean() -> None:
    assert main({"loss (avg)": 100, "loss": 100}) == "loss"


def test_one_final_value_does_not_win_over_a_curve() -> None:
    assert main({"train_loss": 1, "loss": 500}) == "loss"


def test_a_mean_with_many_points_wins_over_a_raw_loss_with_few() -> None:
    assert main({"loss": 3, "loss (avg)": 500}) == "loss (avg)"


def test_a_smoothed_loss_is_taken_where_nothing_else_is_logged() -> None:
    assert main({"loss (avg)": 20}) == "loss (avg)"


def test_an_empty_series_is_never_chosen() -> None:
    assert main({"loss": 0, "total_loss": 4}) == "total_loss"
    assert main({"loss": 0}) is None
    assert main({}) is None


def test_each_split_has_its_own_main_loss_and_no_split_means_training() -> None:
    lengths = {"loss": 100, "eval_loss": 5, "test/loss": 5}
    assert main(lengths, "train") == "loss"
    assert main(lengths, "val") == "eval_loss"
    assert main(lengths, "test") == "test/loss"


def test_the_plain_evaluation_wins_over_one_of_several_sets() -> None:
    assert main({"eval_mnli_loss": 9, "eval_loss": 9}, "val") == "eval_loss"


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("val_loss val_acc", "val_acc"),
        ("val/acc val/t2a_R@1 val/t2a_R@5", "val/t2a_R@1"),
        ("val/mAP50 val/mAP50-95 val/precision", "val/mAP50-95"),
        ("val_acc5 val_acc1", "val_acc1"),
        ("val_dice/liver val_mean_dice", "val_mean_dice"),
        ("val_wer val_loss", "val_wer"),
        ("val_loss", None),
    ],
)
def test_the_metric_that_checkpoints_are_selected_by_is_found(names: str, expected: str | None) -> None:
    assert metric(names) == expected


def test_the_return_is_the_metric_of_reinforcement_learning() -> None:
    assert (
        metric("rollout/ep_rew_mean rollout/ep_len_mean train/loss train/explained_variance", "train")
        == "rollout/ep_rew_mean"
    )
    assert metric("reward reward_std rewards/format/mean kl", "train") == "reward"


def test_the_terms_of_a_sum_are_listed_without_layers_and_unweighted_copies() -> None:
    names = ["loss", "loss_ce", "loss_ce_0", "loss_bbox_unscaled", "loss_bbox", "loss_bbox_1", "val_loss_ce", "lr"]
    assert components_of({name: resolve(name) for name in names}, "train") == {"ce": "loss_ce", "bbox": "loss_bbox"}


def test_a_term_that_only_has_an_unweighted_copy_is_still_listed() -> None:
    names = ["loss_bbox_unscaled"]
    assert components_of({name: resolve(name) for name in names}, "train") == {"bbox": "loss_bbox_unscaled"}

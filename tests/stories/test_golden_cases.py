"""Cases whose truth is known, each in a few lines of log; the five stories beside this file hold the rest of them."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from tests.questions.asking import asked, conditions, curve, flat, loud, said, wanted


def test_contrastive_losses_of_two_sizes_are_chance_with_the_short_last_batch(tmp_path: Path) -> None:
    """10,000 and 2,000 pairs at a batch of 256: 5.476 and 5.519; the fall from 5.54 is sixteen pairs in the last batch."""
    rows = ["epoch,train_loss,val_loss", "1,5.54,5.51", "2,5.48,5.52", "3,5.48,5.52"]
    report = asked(
        tmp_path, rows, name="log.csv", batch_size=256, num_samples=10_000, num_val_samples=2_000, loss="info_nce"
    )
    assert report.verdict.state in ("failing", "inconclusive")
    chance = (39 * math.log(256) + math.log(16)) / 40
    assert any(e.expected == pytest.approx(chance, abs=1e-4) for f in report.findings for e in f.evidence)


def test_a_pretrained_start_above_the_level_of_guessing_is_no_fault(tmp_path: Path) -> None:
    """6.049 and 0.384 % of 256 before the first update; then it learns."""
    losses = [6.049, *curve(5.6, 0.9, 40, 0.02)]
    rows = ["epoch,contrastive_loss,batch_acc"] + [
        f"{n},{v:.4f},{0.00384 if n == 0 else 1 - v / 6:.5f}" for n, v in enumerate(losses)
    ]
    report = asked(tmp_path, rows, name="log.csv", batch_size=256, pretrained=True)
    assert report.verdict.state == "healthy"


def test_a_validation_loss_of_nearly_zero_with_no_detection_has_no_ground_truth(tmp_path: Path) -> None:
    """3e-5 and zero detections: the annotations were not found."""
    rows = ["epoch,loss,val_loss,val_loss_bbox,val_mAP"] + [
        f"{n},{v:.6f},0.00003,0.0,0.0" for n, v in enumerate(curve(0.4, 0.00003, 20))
    ]
    report = asked(tmp_path, rows, name="log.csv")
    assert loud(report)
    assert said(report, "ground truth", "annotation", "empty")


def test_a_training_sum_of_156_and_a_validation_sum_of_17_are_other_sums(tmp_path: Path) -> None:
    """Auxiliary outputs are added in training only: neither underfitting nor a leak."""
    rows = ["epoch,train_loss,val_loss,val_mAP"] + [
        f"{n},{v:.2f},{v / 9.2:.2f},{m:.4f}"
        for n, (v, m) in enumerate(zip(curve(610, 156, 30, 2), curve(0.02, 0.35, 30, 0.004), strict=True))
    ]
    report = asked(tmp_path, rows, name="log.csv")
    assert not any(f.severity.value == "error" for f in report.findings)
    assert not conditions(report) & {"overfit"}


def test_recall_and_mean_rank_contradict_each_other(tmp_path: Path) -> None:
    """R@10 of 42 % and an average rank of 4.6: the mean rank is at least 7.5."""
    line = "epoch 10: R@1 12.45% R@5 31.22% R@10 42.18% MRR 0.2156 mean_rank 4.6"
    report = asked(tmp_path, [line.replace("epoch 10", f"epoch {n}") for n in range(8, 11)])
    assert conditions(report) & {"metric_arithmetic"}


@pytest.mark.parametrize(("start", "width"), [(10.986, 768), (10.921, 384), (10.94, 512)])
def test_a_first_loss_just_above_the_vocabulary_is_a_healthy_start(tmp_path: Path, start: float, width: int) -> None:
    """ln 50257 and half the variance of the logits of the usual initialisation."""
    lines = [f"step {n}: train loss {v:.4f}" for n, v in enumerate([start, *curve(start - 0.5, 4.0, 60, 0.02)])]
    report = asked(tmp_path, lines, vocab_size=50_257, hidden_size=width)
    assert report.verdict.state == "healthy"
    assert not loud(report)


def test_the_loss_of_a_batch_of_1920_is_read_as_skill(tmp_path: Path) -> None:
    """3 after fifty epochs is 60 % of the way from ln 1920 = 7.56."""
    report = asked(
        tmp_path,
        [f"| epoch {n} | clip loss {v:.3f} |" for n, v in enumerate(curve(7.5, 3.0, 50, 0.01, tau=0.15))],
        batch_size=1920,
    )
    assert report.verdict.state == "healthy"
    assert said(report, "7.56", "ln 1920")


def test_fifteen_epochs_at_the_logarithm_of_the_batch_are_guessing(tmp_path: Path) -> None:
    """4.8xxx at 128 for fifteen epochs; without the batch it is asked for, or recovered."""
    lines = [f"Epoch {n} contrastive_loss: {v:.4f}" for n, v in enumerate(flat(4.8515, 15, 0.002))]
    assert asked(tmp_path, lines, batch_size=128).verdict.state == "failing"
    asks = asked(tmp_path, lines)
    assert asks.verdict.state == "failing" or "batch_size" in wanted(asks)

"""Group B: stuck at a constant. Nearly all of these are arithmetic."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.questions.asking import asked, conditions, curve, flat, loud, said, wanted


def caffe(values: list[float], extra: str = "") -> list[str]:
    return [
        f"I0101 12:00:{n % 60:02d}.000000  101 solver.cpp:228] Iteration {20 * n}, loss = {v:.6g}{extra}"
        for n, v in enumerate(values)
    ]


def test_the_loss_is_stuck_at_0_6931(tmp_path: Path) -> None:
    """Q18: ln 2, a coin flip, named without being told anything."""
    report = asked(tmp_path, caffe(flat(0.693147, 60, 1e-6)))
    assert report.verdict.state == "failing"
    assert conditions(report) & {"at_chance"}
    assert said(report, "ln 2")


def test_the_auc_stays_at_a_half(tmp_path: Path) -> None:
    """Q18: a random ranking, whatever the loss says."""
    rows = ["epoch,loss,val_auc"] + [
        f"{n},{v:.4f},{a:.4f}"
        for n, (v, a) in enumerate(zip(flat(0.6931, 30, 0.0004), flat(0.5, 30, 0.003), strict=True))
    ]
    report = asked(tmp_path, rows, name="log.csv")
    assert report.verdict.state == "failing"
    assert said(report, "0.5", "ln 2")


def test_cifar_10_is_stuck_at_2_302_and_ten_per_cent(tmp_path: Path) -> None:
    """Q19: ln 10 and one in ten, said by the log itself."""
    lines = [
        f"Epoch {n}/50 loss: {v:.4f} - accuracy: {a:.4f} - val_loss: {v + 0.0002:.4f} - val_accuracy: 0.1000"
        for n, (v, a) in enumerate(zip(flat(2.3026, 50, 0.0003), flat(0.0995, 50, 0.002), strict=True), 1)
    ]
    report = asked(tmp_path, lines)
    assert report.verdict.state == "failing"
    assert said(report, "ln 10")


def test_clip_stays_at_4_8_with_a_batch_of_128(tmp_path: Path) -> None:
    """Q22, and golden case of fifteen epochs: ln 128 = 4.852 is guessing."""
    lines = [
        f"Train Epoch: {e} [{b}/50000 ({b / 500:.0f}%)] Loss: {v:.5f} LR: 0.0005 logit_scale 14.3"
        for (e, b), v in zip(
            [(e, b) for e in range(15) for b in range(0, 50_000, 10_000)], flat(4.851, 75, 0.004), strict=True
        )
    ]
    asks = asked(tmp_path, lines)
    assert asks.verdict.state == "failing" or "batch_size" in wanted(asks)
    told = asked(tmp_path, lines, batch_size=128, loss="info_nce")
    assert told.verdict.state == "failing"
    assert said(told, "ln 128")


def test_clip_with_a_batch_of_1920_has_come_to_3_after_50_epochs(tmp_path: Path) -> None:
    """Q23: 7.56 is guessing: 60 % of the way is gone, about 20 candidates remain."""
    lines = [f"epoch {n}, contrastive loss {v:.4f}" for n, v in enumerate(curve(7.4, 3.0, 50, 0.01, tau=0.15))]
    assert "batch_size" in wanted(asked(tmp_path, lines))
    told = asked(tmp_path, lines, batch_size=1920)
    assert told.verdict.state == "healthy"
    assert told.scale is not None
    assert told.scale.skill == pytest.approx(0.6, abs=0.02)
    assert told.scale.choices == pytest.approx(20.1, rel=0.1)


def test_a_contrastive_loss_is_0_from_the_first_step(tmp_path: Path) -> None:
    """Q24: with a batch of one there is nothing to tell apart."""
    lines = [f"step {n} clip_loss 0.0000 lr 5e-05" for n in range(0, 4000, 50)]
    asks = asked(tmp_path, lines)
    assert asks.verdict.state != "healthy"
    told = asked(tmp_path, lines, batch_size=1)
    assert told.verdict.state in ("failing", "attention")
    assert said(told, "one candidate", "single candidate", "batch of one", "batch of 1")


@pytest.mark.parametrize(("level", "prototypes"), [(8.3178, 4096), (11.0903, 65_536)])
def test_dino_stays_at_the_logarithm_of_its_prototypes(tmp_path: Path, level: float, prototypes: int) -> None:
    """Q25: a uniform output, from the log alone; the number of prototypes settles it."""
    lines = [
        f"Epoch: [{n}/100]  dino_loss: {v:.4f}  lr: 0.000500  wd: 0.04" for n, v in enumerate(flat(level, 60, 0.0001))
    ]
    report = asked(tmp_path, lines)
    assert report.verdict.state == "failing"
    assert said(report, f"ln {prototypes}")
    told = asked(tmp_path, lines, num_prototypes=prototypes)
    assert told.verdict.state == "failing"


def test_a_triplet_loss_equals_its_margin(tmp_path: Path) -> None:
    """Q26: all embeddings are the same."""
    lines = [
        f"INFO:tensorflow:loss = {v:.6f}, step = {100 * n}: triplet_loss {v:.6f}"
        for n, v in enumerate(flat(0.5, 60, 1e-5))
    ]
    asks = asked(tmp_path, lines)
    assert asks.verdict.state == "failing" or "margin" in wanted(asks)
    told = asked(tmp_path, lines, margin=0.5)
    assert told.verdict.state == "failing"
    assert said(told, "margin")


def test_the_discriminator_stays_at_1_39(tmp_path: Path) -> None:
    """Q28: 2 ln 2: it cannot tell real from fake, by equilibrium or because nothing learns; no alarm, and it is said."""
    lines = [
        f"iter {100 * n}: loss_D: {d:.4f} loss_G: {g:.4f}"
        for n, (d, g) in enumerate(zip(flat(1.3863, 80, 0.01), flat(0.693, 80, 0.01, seed=1), strict=True))
    ]
    report = asked(tmp_path, lines)
    assert not any(f.severity.value == "error" for f in report.findings)
    assert said(report, "2 ln 2", "2·ln 2", "1.386")


def test_dpo_stays_at_0_6931_with_margins_of_0(tmp_path: Path) -> None:
    """Q29: the policy equals the reference: empty completions, or frozen weights."""
    lines = [
        f"{{'loss': 0.6931, 'grad_norm': 0.0, 'learning_rate': 5e-07, 'rewards/chosen': 0.0, 'rewards/rejected': 0.0, 'rewards/accuracies': 0.0, 'rewards/margins': 0.0, 'epoch': {n / 100}}}"
        for n in range(60)
    ]
    report = asked(tmp_path, lines)
    assert report.verdict.state == "failing"
    assert said(report, "ln 2")
    assert said(report, "reference", "frozen", "margin")


def test_recall_at_1_is_below_one_per_cent_though_the_loss_fell(tmp_path: Path) -> None:
    """Q31: only a bit better than a random guess, by the size of the gallery."""
    rows = ["epoch,train_loss,val/R@1,val/R@5,val/R@10"] + [
        f"{n},{v:.4f},{r:.4f},{4.5 * r:.4f},{8.5 * r:.4f}"
        for n, (v, r) in enumerate(zip(curve(5.5, 4.9, 20, 0.01), curve(0.0021, 0.0045, 20), strict=True))
    ]
    asks = asked(tmp_path, rows, name="log.csv")
    assert "gallery_size" in wanted(asks) or said(asks, "gallery")
    told = asked(tmp_path, rows, name="log.csv", gallery_size=500)
    assert said(told, "random ranking", "chance")


def test_recall_on_training_data_is_lower_than_on_test_data(tmp_path: Path) -> None:
    """Q32: 1.6 million distractors against 2,500: the galleries must be told."""
    rows = ["epoch,train/R@1,test/R@1"] + [
        f"{n},{a:.4f},{b:.4f}" for n, (a, b) in enumerate(zip(curve(0.02, 0.21, 20), curve(0.2, 0.52, 20), strict=True))
    ]
    assert "gallery_size" in wanted(asked(tmp_path, rows, name="log.csv"))


@pytest.mark.parametrize("metric", ["mAP", "bbox AP"])
def test_map_is_0_while_the_loss_falls(tmp_path: Path, metric: str) -> None:
    """Q33: only boxes and classes decide; the report hands over the print that does."""
    lines = [f"epoch {n} loss {v:.4f} {metric} 0.0000" for n, v in enumerate(curve(9.0, 2.0, 40, 0.02))]
    report = asked(tmp_path, lines)
    assert loud(report)
    assert said(report, "print")


def test_class_error_stays_at_100(tmp_path: Path) -> None:
    """Q34: number of classes, or the background index."""
    lines = [
        f"Epoch: [{n // 10}]  [{100 * (n % 10)}/1000]  loss: {v:.4f} ({v:.4f})  class_error: 100.00 (100.00)  loss_bbox: {v / 8:.4f} ({v / 8:.4f})  loss_giou: {v / 6:.4f} ({v / 6:.4f})"
        for n, v in enumerate(curve(30.0, 12.0, 100, 0.1))
    ]
    report = asked(tmp_path, lines)
    assert loud(report)
    assert said(report, "class_error")
    assert said(report, "num_classes", "background", "class ids")


def test_dice_is_0_and_only_background_is_found(tmp_path: Path) -> None:
    """Q35: an empty reference, label values or class weights; a print of the labels decides."""
    lines = [
        f"Epoch {n} - loss: {v:.4f} - dice_coefficient: 0.0000 - val_dice_coefficient: 0.0000"
        for n, v in enumerate(curve(0.9, 0.25, 40, 0.005), 1)
    ]
    report = asked(tmp_path, lines)
    assert loud(report)
    assert said(report, "background", "empty", "unique")


def test_a_regression_answers_the_mean(tmp_path: Path) -> None:
    """Q37: the squared error equals the variance; R² of 0 says so without a fact."""
    lines = [
        f"Epoch {n}: mse_loss {v:.4f} val_r2 {r:.4f}"
        for n, (v, r) in enumerate(zip(flat(0.917, 60, 0.002), flat(-0.001, 60, 0.002), strict=True))
    ]
    report = asked(tmp_path, lines)
    assert report.verdict.state in ("failing", "attention")
    told = asked(tmp_path, [line.partition(" val_r2")[0] for line in lines], target_std=0.957, loss="mse")
    assert told.verdict.state == "failing"
    assert "target_std" in wanted(asked(tmp_path, [line.partition(" val_r2")[0] for line in lines]))


def test_ctc_prints_only_blanks(tmp_path: Path) -> None:
    """Q38: a plateau just above ln of the symbols at a word error rate of 100 %; a long first plateau is normal."""

    def lines(count: int, wer: list[float]) -> list[str]:
        return [
            f"epoch {n + 1} step {200 * (n + 1)} ctc_loss {v:.4f} WER {w:.2f}"
            for n, (v, w) in enumerate(zip(flat(3.42, count, 0.02), wer, strict=True))
        ]

    stuck = asked(tmp_path, lines(80, [100.0] * 80), num_classes=29)
    assert stuck.verdict.state == "failing"
    assert said(stuck, "blank")
    early = asked(tmp_path, lines(1, [100.0]), num_classes=29)
    assert early.verdict.state != "failing"
    late = flat(3.42, 20, 0.02) + curve(3.4, 0.6, 40, 0.02)
    learns = [
        f"epoch {n + 1} step {200 * (n + 1)} ctc_loss {v:.4f} WER {w:.2f}"
        for n, (v, w) in enumerate(zip(late, [100.0] * 22 + list(np.linspace(99, 20, 38)), strict=True))
    ]
    assert asked(tmp_path, learns, num_classes=29).verdict.state == "healthy"

"""Runs as programs print them, judged as an experienced reader would judge them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import traindx
from traindx.diagnosis import Report


def judged(tmp_path: Path, lines: list[str]) -> Report:
    path = tmp_path / "train.log"
    path.write_text("\n".join(lines) + "\n")
    report = traindx.diagnose(path)
    assert isinstance(report, Report)
    return report


def codes(report: Report) -> set[str]:
    return {finding.code for finding in report.findings}


def falling(count: int, start: float, end: float, seed: int = 0) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(0, 0.02 * (start - end), count)
    return end + (start - end) * np.exp(-np.arange(count) / (0.3 * count)) + noise


def test_a_term_that_is_switched_on_late_has_not_diverged(tmp_path: Path) -> None:
    late = np.where(np.arange(100) < 90, 0.0, 0.2)
    lines = [
        f"epoch: {n + 1}/100, total_loss: {t + e:.3f}, iou_loss: {t:.3f}, l1_loss: {e:.3f}"
        for n, (t, e) in enumerate(zip(falling(100, 4, 1), late, strict=True))
    ]
    assert "DIV001" not in codes(judged(tmp_path, lines))


def test_precision_on_the_first_batches_of_training_is_not_stuck_at_nothing(tmp_path: Path) -> None:
    total, rise = falling(70, 20, 8), np.linspace(0, 0.004, 70)
    lines = [
        f"[Epoch 0/30, Batch {n}/7329] [Losses: conf {t - 1:.4f}, cls 1.0, total {t:.4f}, precision: {p:.5f}]"
        for n, (t, p) in enumerate(zip(total, rise, strict=True))
    ]
    report = judged(tmp_path, lines)
    assert "BAS004" not in codes(report)
    assert report.verdict.summary.startswith("total fell")
    assert report.verdict.stage != "converged"


def test_small_boxes_in_per_cent_are_no_impossible_shares(tmp_path: Path) -> None:
    lines = [f"iter: {n} AP: {20 + n:.3f} AP50: {40 + n:.3f} APs: {0.5 + 0.06 * n:.3f}" for n in range(1, 15)]
    assert "MET001" not in codes(judged(tmp_path, lines))


def test_a_random_ranking_has_not_collapsed(tmp_path: Path) -> None:
    auc = 0.5 + np.random.default_rng(3).normal(0, 0.015, 200)
    lines = [
        f"step {n} loss {v:.4f} auc {a:.5f}" for n, (v, a) in enumerate(zip(falling(200, 5, 0.3), auc, strict=True))
    ]
    report = judged(tmp_path, lines)
    assert "DIV002" not in codes(report)
    assert "BAS004" in codes(report)


def test_a_loss_that_stands_while_the_task_is_learnt_is_no_reason_to_stop(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).normal(0, 0.03, 60)
    f1 = 0.8 - 0.4 * np.exp(-np.arange(60) / 15)
    lines = [f"epoch {n + 1} loss {6.15 + e:.4f} f1 {v:.4f}" for n, (e, v) in enumerate(zip(noise, f1, strict=True))]
    report = judged(tmp_path, lines)
    assert "PRO001" not in {f.code for f in report.findings if f.severity.name != "INFO"}
    assert report.verdict.state == "healthy"
    assert report.verdict.summary.startswith("f1 went from")


def test_a_margin_between_embeddings_is_no_preference_loss(tmp_path: Path) -> None:
    loss = falling(40, 0.45, 0.09)
    lines = [
        f"epoch {n + 1} train Loss: {v:.4f} Acc: {0.01 + n / 100:.4f} MeanMargin: {n / 100 - 0.1:.4f}"
        for n, v in enumerate(loss)
    ]
    assert "chosen" not in judged(tmp_path, lines).verdict.summary


def test_a_run_whose_program_broke_is_not_told_to_go_on(tmp_path: Path) -> None:
    lines = [f"step {n} loss {v:.4f}" for n, v in enumerate(falling(60, 5, 1))]
    broke = [
        "Traceback (most recent call last):",
        '  File "train.py", line 3, in <module>',
        "RuntimeError: device lost",
    ]
    report = judged(tmp_path, lines + broke)
    assert report.action.do == "fix"
    assert "line 61 (Traceback" in report.action.text
    assert judged(tmp_path, lines[:30] + broke + lines[30:]).action.do == "continue"
    assert judged(tmp_path, [*lines, *broke[:2], "KeyboardInterrupt"]).action.do == "continue"

"""Group D: training versus validation."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np

from tests.questions.asking import asked, conditions, curve, flat, loud, said


def keras(
    train: list[float], val: list[float], acc: list[float] | None = None, val_acc: list[float] | None = None
) -> list[str]:
    rows: list[str] = []
    for n, (t, v) in enumerate(zip(train, val, strict=True)):
        extra = f" - accuracy: {acc[n]:.4f} - val_accuracy: {val_acc[n]:.4f}" if acc and val_acc else ""
        rows += [
            f"Epoch {n + 1}/{len(train)}",
            f"100/100 [==============================] - 3s 30ms/step - loss: {t:.4f} - val_loss: {v:.4f}{extra}",
        ]
    return rows


def test_validation_is_lower_than_training_in_the_first_epochs(tmp_path: Path) -> None:
    """Q53: the training loss is the mean over an epoch; the gap shrinks: no alarm."""
    level = curve(2.2, 0.5, 41, 0.0, tau=0.12)
    train = [0.5 * (a + b) for a, b in pairwise(level)]
    report = asked(tmp_path, keras(train, [v + 0.01 for v in level[1:]]))
    assert report.verdict.state == "healthy"
    assert not conditions(report) & {"suspicious_val"}


def test_validation_is_lower_than_training_to_the_end_by_dropout(tmp_path: Path) -> None:
    """Q53: dropout and augmentation act in training only: at most a question, never an error."""
    report = asked(tmp_path, keras(curve(1.2, 0.60, 40, 0.01), curve(1.0, 0.45, 40, 0.01, seed=1)))
    assert not any(f.severity.value == "error" for f in report.findings)


def test_validation_is_a_tenth_of_training_to_the_end(tmp_path: Path) -> None:
    """Q53: neither averaging nor dropout makes that: another reduction, or a leak."""
    report = asked(tmp_path, keras(curve(2.4, 0.80, 40, 0.01), curve(0.3, 0.05, 40, 0.002, seed=1)))
    assert conditions(report) & {"suspicious_val", "scale"}


def test_validation_accuracy_is_constant_to_four_digits(tmp_path: Path) -> None:
    """Q54: it answers one class for everything; the share of the majority class settles it."""
    report = asked(
        tmp_path,
        keras(curve(0.70, 0.62, 30, 0.002), flat(0.655, 30, 0.002), curve(0.60, 0.68, 30, 0.003), [0.6512] * 30),
    )
    assert loud(report)
    assert said(report, "one class", "majority", "same answer")


def test_training_is_at_99_and_validation_at_60(tmp_path: Path) -> None:
    """Q55: overfitting."""
    val = curve(1.1, 0.92, 8, 0.004) + list(np.linspace(0.93, 1.9, 32))
    report = asked(
        tmp_path,
        keras(
            curve(1.2, 0.02, 40, 0.002, tau=0.15),
            val,
            curve(0.4, 0.99, 40, 0.002, tau=0.15),
            curve(0.4, 0.60, 40, 0.004, tau=0.1),
        ),
    )
    assert conditions(report) & {"overfit"}


def test_validation_loss_rises_while_validation_accuracy_improves(tmp_path: Path) -> None:
    """Q56: over-confidence: choose by the metric; no error."""
    val = curve(0.9, 0.52, 12, 0.004) + list(np.linspace(0.53, 0.66, 28))
    report = asked(
        tmp_path,
        keras(
            curve(1.0, 0.03, 40, 0.002, tau=0.2), val, curve(0.6, 0.99, 40, 0.001), curve(0.6, 0.86, 40, 0.002, tau=0.4)
        ),
    )
    assert not any(f.severity.value == "error" for f in report.findings)
    assert said(report, "confiden", "select", "accuracy")
    assert report.checkpoint is not None
    assert report.checkpoint.objective == "val_accuracy"
    assert report.checkpoint.at > 25


def test_how_is_overfitting_told(tmp_path: Path) -> None:
    """Q57: by a rise of validation beyond its noise while training still falls; noise alone is none."""
    noisy = asked(tmp_path, keras(curve(1.0, 0.5, 40, 0.005), curve(1.0, 0.62, 40, 0.03, seed=3)))
    assert not conditions(noisy) & {"overfit"}
    rising = curve(1.0, 0.6, 15, 0.005) + list(np.linspace(0.6, 0.85, 25))
    assert conditions(asked(tmp_path, keras(curve(1.0, 0.1, 40, 0.005), rising))) & {"overfit"}


def test_validation_says_97_and_the_same_data_later_74(tmp_path: Path) -> None:
    """Q59: another preprocessing; the log is in order, and says against what it was judged."""
    report = asked(
        tmp_path,
        keras(
            curve(2.0, 0.1, 30, 0.005),
            curve(1.9, 0.12, 30, 0.005),
            curve(0.3, 0.97, 30, 0.002),
            curve(0.3, 0.97, 30, 0.002),
        ),
    )
    assert report.verdict.state == "healthy"


def test_the_loss_is_low_and_the_output_is_garbage(tmp_path: Path) -> None:
    """Q60: a fine-tuning that learnt its samples by heart shows it on held-out data; the training loss alone shows nothing."""
    lines = [
        f"{{'loss': {v:.4f}, 'learning_rate': 2e-05, 'epoch': {n / 20:.2f}}}"
        for n, v in enumerate(curve(1.9, 0.03, 100, 0.005))
    ]
    report = asked(tmp_path, lines)
    assert report.checkpoint is None
    assert not any(f.severity.value == "error" for f in report.findings)

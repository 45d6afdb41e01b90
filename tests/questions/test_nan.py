"""Group C: NaN, Inf, exact zero."""

from __future__ import annotations

from pathlib import Path

from tests.questions.asking import asked, conditions, curve, flat, hf, loud, said

NAN = float("nan")


def test_the_loss_is_0_and_the_gradient_norm_nan(tmp_path: Path) -> None:
    """Q40: the trainer's filter prints 0.0 where the loss is NaN."""
    losses = [*curve(2.1, 1.4, 20, 0.02), *[0.0] * 30]
    report = asked(tmp_path, hf(losses, grad_norm=[1.3] * 20 + [NAN] * 30, learning_rate=[2e-5] * 50))
    assert report.verdict.state == "failing"
    assert conditions(report) & {"nan"}


def test_the_gradient_norm_is_nan_now_and_then(tmp_path: Path) -> None:
    """Q41: the loss scaler threw those steps away; they are counted."""
    losses = curve(2.1, 1.2, 200, 0.02)
    norms = [NAN if n in (17, 120) else 1.1 for n in range(200)]
    report = asked(tmp_path, hf(losses, grad_norm=norms, learning_rate=[2e-5] * 200))
    assert not any(f.severity.value == "error" for f in report.findings)
    assert said(report, "2 of 200", "2 points", "2 steps", "1 %")


def test_the_loss_is_0_because_every_label_is_masked(tmp_path: Path) -> None:
    """Q42: an exact 0 with finite gradients of 0: nothing is left to learn from."""
    report = asked(tmp_path, hf([0.0] * 60, grad_norm=[0.0] * 60, learning_rate=[2e-5] * 60))
    assert report.verdict.state in ("failing", "attention")
    assert said(report, "masked", "labels")


def test_nan_after_2000_iterations(tmp_path: Path) -> None:
    """Q44, Q51: the first bad step is named, and the last checkpoint before it may be used."""
    losses = [*curve(10.9, 3.6, 200, 0.03), *[NAN] * 40]
    report = asked(tmp_path, [f"iter {10 * n}: loss {v:.4f}, time 150.1ms" for n, v in enumerate(losses)])
    assert report.verdict.state == "failing"
    assert said(report, "2000", "2,000", "1990", "1,990")
    assert said(report, "checkpoint")
    assert report.action.do == "stop"


def test_nan_at_once_is_told_from_nan_after_an_explosion(tmp_path: Path) -> None:
    """Q45, Q46, Q49: a loss that rose first speaks of the step size, one out of the blue of data or arithmetic."""
    blue = asked(tmp_path, [f"step {n} loss {v:.4f}" for n, v in enumerate([2.31, *[NAN] * 30])])
    rose = asked(
        tmp_path,
        [
            f"step {n} loss {v:.4f}"
            for n, v in enumerate([*curve(2.3, 1.9, 20, 0.01), 3.1, 8.9, 71.0, 5510.0, *[NAN] * 20])
        ],
    )
    assert blue.verdict.state == rose.verdict.state == "failing"
    assert said(rose, "rose", "grew", "climb")
    assert said(blue, "data", "input", "label")


def test_only_the_evaluation_loss_is_nan(tmp_path: Path) -> None:
    """Q48: an evaluation batch without a single label gives 0/0."""
    rows = ["step,train_loss,eval_loss"] + [f"{100 * n},{v:.4f},nan" for n, v in enumerate(curve(2.0, 0.9, 40, 0.01))]
    report = asked(tmp_path, rows, name="log.csv")
    assert conditions(report) & {"nan"}
    assert said(report, "eval_loss")
    assert said(report, "label", "evaluation")


def test_the_input_holds_nan(tmp_path: Path) -> None:
    """Q49: only the data decide; the probe is handed over."""
    report = asked(tmp_path, [f"step {n} loss {v:.4f}" for n, v in enumerate([*flat(0.9, 25, 0.05), *[NAN] * 20])])
    assert report.verdict.state == "failing"
    assert said(report, "isfinite", "isnan", "finite")
    assert loud(report)

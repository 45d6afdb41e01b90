"""Group H: bookkeeping and speed."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.questions.asking import asked, curve, flat, loud, said


def test_console_and_tensorboard_disagree(tmp_path: Path) -> None:
    """Q82: one logs the mean since the start, the other the value."""
    values = np.array(curve(3.0, 0.8, 400, 0.05, tau=0.15))
    means = np.cumsum(values) / np.arange(1, 401)
    report = asked(tmp_path, [f"Step {10 * n}: loss {v:.5f}, lr 0.001" for n, v in enumerate(means)])
    assert not any(f.severity.value == "error" for f in report.findings)
    assert said(report, "running mean", "mean since", "average since", "averag")


def test_one_gpu_and_eight_differ(tmp_path: Path) -> None:
    """Q84: a step is not equally many samples: aligned by samples, and the effective batch named."""
    from traindx import compare, read

    for name, devices in (("one", 1), ("eight", 8)):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "config.yaml").write_text(
            f"batch_size: 32\nworld_size: {devices}\nbatch_size_global: {32 * devices}\n"
        )
        (folder / "log.csv").write_text(
            "step,loss\n" + "\n".join(f"{100 * n},{v:.4f}" for n, v in enumerate(curve(2.3, 0.5, 60, 0.02)))
        )
    found = compare(read(tmp_path / "one"), read(tmp_path / "eight"))
    assert found.axis == "samples"
    assert found.attribution.startswith(("not attributable", "only"))


def test_every_epoch_is_slower(tmp_path: Path) -> None:
    """Q86: by how much, and what makes that."""
    rows = [
        f"epoch {n} loss {v:.4f} epoch_time {t:.1f}s step_time {t / 100:.3f}"
        for n, (v, t) in enumerate(zip(curve(2.0, 0.5, 60, 0.01), np.linspace(60, 190, 60), strict=True))
    ]
    report = asked(tmp_path, rows)
    assert said(report, "slow", "times as long")
    assert said(report, "3.", "times", "per cent", " %")


def test_the_gpu_waits_for_data(tmp_path: Path) -> None:
    """Q87: the share of the step that is spent waiting decides."""
    rows = [
        f"Epoch(train) [1][{10 * n}/1000] lr: 1.0e-02 time: {t:.3f} data_time: {0.7 * t:.3f} loss: {v:.4f}"
        for n, (v, t) in enumerate(zip(curve(2.0, 0.5, 100, 0.01), np.abs(flat(0.4, 100, 0.02)), strict=True))
    ]
    report = asked(tmp_path, rows)
    assert said(report, "data_time", "waiting for data", "waits for data")
    assert said(report, "70 %", "0.7")


def test_stop_by_itself_on_nan_and_tell_me(tmp_path: Path) -> None:
    """Q88: kind, evidence, next step, and no false alarm."""
    broken = asked(
        tmp_path,
        [
            f"step {n} loss {v}"
            for n, v in enumerate([*(round(x, 4) for x in curve(2, 1, 50, 0.02)), "nan", "nan", "nan"])
        ],
    )
    assert broken.action.do == "stop"
    assert broken.findings[0].evidence
    assert broken.findings[0].do
    whole = asked(tmp_path, [f"step {n} loss {v:.4f}" for n, v in enumerate(curve(2, 1, 50, 0.02))])
    assert not loud(whole)

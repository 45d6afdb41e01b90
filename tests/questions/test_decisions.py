"""Group G: how long, which checkpoint, is it worth it?"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.questions.asking import asked, curve, flat, said


def rows(train: list[float], val: list[float], metric: list[float], *, hours: float = 0.5, start: int = 1) -> list[str]:
    head = "epoch,wall_time,train_loss,val_loss,val_mAP"
    return [head] + [
        f"{n},{1.6e9 + 3600 * hours * n:.0f},{t:.5f},{v:.5f},{m:.5f}"
        for n, (t, v, m) in enumerate(zip(train, val, metric, strict=True), start)
    ]


def test_how_many_epochs(tmp_path: Path) -> None:
    """Q77: until validation no longer falls by more than its noise; here that was at the thirtieth."""
    val = curve(1.0, 0.5, 30, 0.003, tau=0.2) + list(np.linspace(0.5, 0.75, 30))
    report = asked(
        tmp_path,
        rows(curve(1.0, 0.1, 60, 0.002), val, curve(0.1, 0.4, 30, 0.003) + list(np.linspace(0.4, 0.33, 30))),
        name="log.csv",
    )
    assert report.checkpoint is not None
    assert 24 <= report.checkpoint.at <= 36
    assert report.action.do in ("stop", "fix", "finish")


def test_the_plan_is_2000_epochs_which_takes_71_days(tmp_path: Path) -> None:
    """Q78: the gain of going on is foretold with its interval, and the time to the end with it."""
    values = curve(1.0, 0.3, 200, 0.002, tau=0.08)
    report = asked(
        tmp_path,
        rows(values, [v + 0.05 for v in values], [0.5 - 0.4 * v for v in values], hours=0.85),
        name="log.csv",
        total_epochs=2000,
        schedule="constant",
    )
    assert report.forecast is not None
    assert report.forecast.seconds_left is not None
    assert 60 < report.forecast.seconds_left / 86_400 < 68
    assert report.forecast.advice in ("stop", "probe")


def test_the_best_checkpoint_or_the_last(tmp_path: Path) -> None:
    """Q79: by the validation metric, with what cannot be told from it."""
    metric = curve(0.1, 0.42, 25, 0.004) + flat(0.42, 15, 0.004)
    report = asked(tmp_path, rows(curve(1.0, 0.2, 40, 0.002), curve(1.0, 0.55, 40, 0.003), metric), name="log.csv")
    assert report.checkpoint is not None
    assert report.checkpoint.objective == "val_mAP"
    assert len(report.checkpoint.tied) >= 3


def test_recall_is_at_90_how_many_epochs_more(tmp_path: Path) -> None:
    """Q80: what more epochs would bring, or that the plan is needed to tell."""
    head = ["epoch,train_loss,val_recall@1"]
    lines = head + [
        f"{n},{v:.4f},{r:.4f}"
        for n, (v, r) in enumerate(zip(curve(4.0, 0.2, 40, 0.01), curve(20, 91.5, 40, 0.2, tau=0.1), strict=True), 1)
    ]
    report = asked(tmp_path, lines, name="log.csv", gallery_size=9000)
    assert report.checkpoint is not None
    assert report.checkpoint.objective == "val_recall@1"
    assert report.forecast is None or report.forecast.text


def test_is_this_the_curve_of_the_paper(tmp_path: Path) -> None:
    """Q81: only seeds, devices and the effective batch decide; a comparison says what differs."""
    from traindx import compare, read

    for name, end, batch in (("paper", 0.8, 64), ("mine", 0.9, 16)):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "config.yaml").write_text(f"batch_size: {batch}\nlr: 0.001\n")
        (folder / "log.csv").write_text(
            "\n".join(rows(curve(2, end, 40, 0.01), curve(2, end + 0.1, 40, 0.01), curve(0, 1 - end, 40, 0.002)))
        )
    found = compare(read(tmp_path / "paper"), read(tmp_path / "mine"), by="epoch")
    assert "only batch_size differs" in found.attribution
    assert said(
        asked(tmp_path / "mine", (tmp_path / "mine" / "log.csv").read_text(), name="log.csv"), "val_map", "val_loss"
    )

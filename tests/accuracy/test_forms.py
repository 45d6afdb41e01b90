"""Every form of log that the benchmark writes is read back as it was recorded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from benchmarks.accuracy import forms
from benchmarks.accuracy.forms.rows import per_epoch
from benchmarks.accuracy.planning import MEANS
from benchmarks.accuracy.recorder import Recorder

import traindx


def recorded() -> Recorder:
    recorder = Recorder()
    recorder.setting(learning_rate=0.01, batch_size=32, max_steps=60)
    for step in range(60):
        loss = 2.3 * 0.97**step
        recorder.log(step, {"train/loss": loss}, epoch=step / 10, lr=0.01, grad_norm=1.5)
        if step % 10 == 9:
            recorder.log(step, {"val/loss": loss + 0.1, "val/accuracy": 1 - loss / 3}, epoch=(step + 1) / 10)
    return recorder


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("form", sorted(forms.FORMS))
def test_a_form_is_read_back(form: str, tmp_path: Path) -> None:
    recorder = recorded()
    path = forms.write(form, recorder, tmp_path / form)
    (run,) = traindx.read(path)
    found = [series for name, series in run.series.items() if name.endswith("loss") and len(series) == len_of(form)]
    assert found, {name: len(series) for name, series in run.series.items()}
    wanted = (
        [row.metrics["train/loss"] for row in per_epoch(recorder)]
        if form in MEANS
        else [point.metrics["train/loss"] for point in recorder.points if "train/loss" in point.metrics]
    )
    assert any(np.allclose(series.values, wanted, rtol=0.02, atol=6e-3) for series in found)


def len_of(form: str) -> int:
    return 6 if form in MEANS else 60


def test_epochs_are_means_of_training_and_the_last_of_validation() -> None:
    rows = per_epoch(recorded())
    assert [row.number for row in rows] == [0, 1, 2, 3, 4, 5]
    assert rows[0].metrics["train/loss"] == pytest.approx(np.mean(2.3 * 0.97 ** np.arange(10)))
    assert rows[0].metrics["val/loss"] == pytest.approx(2.3 * 0.97**9 + 0.1)

"""A value that is not finite is a value wherever it can stand, whatever name comes after it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from traindx.readers import read_path

LINES = {
    "a term of the loss follows": "iter: {i}  total_loss: nan  loss_bbox: 0.31  lr: 0.002\n",
    "the gradient norm follows": "step {i} loss nan grad_norm 1.25 lr 0.001\n",
    "another split follows": "step={i} loss=nan val_loss=2.5\n",
    "it has a sign": "step: {i} loss: -inf grad_norm: 3.0\n",
}


@pytest.mark.parametrize("line", LINES.values(), ids=LINES.keys())
def test_a_loss_that_is_not_finite_is_kept_at_every_step(tmp_path: Path, line: str) -> None:
    log = tmp_path / "train.log"
    log.write_text("".join(line.format(i=10 * i) for i in range(6)))
    run = read_path(log)[0]
    loss = run.series.get("loss", run.series.get("total_loss"))
    assert loss is not None
    assert len(loss) == 6
    assert not np.isfinite(loss.values).any()
    assert any(np.isfinite(series.values).all() for series in run.series.values())


def test_prose_about_nan_is_no_value(tmp_path: Path) -> None:
    log = tmp_path / "train.log"
    log.write_text(
        "".join(f"step: {10 * i} loss=2.0 found nan in gradient: skipping nan loss at batch {i}\n" for i in range(6))
    )
    run = read_path(log)[0]
    assert all(np.isfinite(series.values).all() for series in run.series.values())

"""The monitor, as a training loop meets it."""

from __future__ import annotations

import random
from pathlib import Path

import traindx


def test_a_live_report_is_that_of_the_recorded_log(tmp_path: Path) -> None:
    noise = random.Random(0)
    with traindx.Monitor(tmp_path, facts={"loss": "info_nce", "negatives": 256}, total_steps=2_000) as monitor:
        for step in range(400):
            monitor.log(loss=5.545 + noise.gauss(0, 0.01), lr=1e-4)
            if step % 100 == 99:
                monitor.log({"val/loss": 5.55})
    assert monitor.report is not None
    assert monitor.report.verdict.state == "failing"
    assert monitor.report == traindx.diagnose(tmp_path)

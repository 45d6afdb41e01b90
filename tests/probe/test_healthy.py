"""Nothing at warning or above is said of healthy models."""

from __future__ import annotations

import pytest
import torch
from benchmarks.probing.healthy import HEALTHY

from traindx import probe
from traindx.diagnosis import Severity

QUICK = {
    "mlp",
    "deep_relu",
    "two_towers",
    "autoencoder",
    "vae",
    "regression",
    "adapters",
    "dropout_heavy",
    "multilabel",
    "warming_up",
}
# Without a theory for their sum of terms, or without targets to compare with, no healthy verdict is given.
UNJUDGED = {"vae"}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in QUICK else [pytest.mark.slow]) for name in HEALTHY]
)
def test_nothing_is_said_of_a_healthy_model(name: str) -> None:
    torch.manual_seed(21)
    report = probe.run(**HEALTHY[name](16), seed=2, budget_s=600, without=() if name in QUICK else ("sweep",))
    assert [f.headline for f in report.findings if f.severity is not Severity.INFO] == []
    assert [limit for limit in report.limits if "failed" in limit] == []
    assert report.verdict.state == ("inconclusive" if name in UNJUDGED else "healthy")

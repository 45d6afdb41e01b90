"""Every planted fault is found, by the check that is for it."""

from __future__ import annotations

import pytest
import torch
from benchmarks.probing.faults import FAULTS

from traindx import probe
from traindx.diagnosis import Severity

SLOW = {
    "labels_shifted_twice",
    "labels_shifted_twice_in_the_loss",
    "labels_not_shifted",
    "mask_not_causal",
    "padding_counted",
}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] if name in SLOW else []) for name in FAULTS]
)
def test_a_planted_fault_is_found(name: str) -> None:
    make, expected = FAULTS[name]
    torch.manual_seed(11)
    report = probe.run(**make(), only=expected, budget_s=600)
    found = {f.code for f in report.findings if f.severity is not Severity.INFO}
    assert found & set(expected), (report.verdict, report.limits)
    assert report.verdict.state in ("failing", "attention")

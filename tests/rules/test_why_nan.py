"""What a NaN is blamed on depends on what came before it, and on where it appears."""

from __future__ import annotations

import numpy as np
import pytest

from traindx.diagnosis import Finding
from traindx.engine import diagnose_run, select_rules
from traindx.run import Floats, Run, Series, floats


def nan_finding(**columns: Floats) -> Finding:
    series = {
        name.replace("__", "/"): Series(
            name=name.replace("__", "/"), values=values, steps=floats(np.arange(len(values)) * 10.0)
        )
        for name, values in columns.items()
    }
    report = diagnose_run(Run(name="any", series=series, sources=()), select_rules())
    return next(finding for finding in report.findings if finding.code == "NAN001")


def falling(size: int = 60) -> Floats:
    return floats(2.3 * np.exp(-np.arange(size) / 40) + 0.5)


def test_a_loss_that_rose_before_its_nan_is_blamed_on_the_step_size() -> None:
    loss = np.concatenate([falling(), [1.9, 3.4, 5.8, 9.1, 17.0, 40.0], np.full(10, np.nan)])
    finding = nan_finding(train__loss=floats(loss))
    assert "rose before it" in finding.why
    assert "learning rate" in " ".join(finding.do)
    assert finding.evidence[1].label == "last values before it"


def test_a_nan_out_of_the_blue_is_blamed_on_its_batch() -> None:
    finding = nan_finding(train__loss=floats(np.concatenate([falling(), np.full(10, np.nan)])))
    assert "nothing announced it" in finding.do[1]
    assert "last checkpoint before step 600" in finding.do[0]


def test_an_evaluation_that_is_nan_alone_is_blamed_on_itself_and_the_probe_is_given() -> None:
    finding = nan_finding(train__loss=falling(), val__loss=floats(np.full(6, np.nan)))
    assert "the weights are sound" in finding.why
    assert finding.check.startswith("print(")


@pytest.mark.parametrize("first", [0, 1, 3])
def test_a_nan_after_hardly_any_values_is_not_said_to_have_been_announced(first: int) -> None:
    loss = np.concatenate([np.linspace(2, 50, first), np.full(8, np.nan)])
    assert "rose" not in nan_finding(train__loss=floats(loss)).why

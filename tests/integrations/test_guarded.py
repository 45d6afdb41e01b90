"""The monitor as all integrations hold it, without any framework."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import pytest

import traindx
from traindx.integrations.guarded import GuardedMonitor


def facts_in(folder: Path) -> dict[str, object]:
    told: dict[str, dict[str, object]] = json.loads((folder / "traindx_run.json").read_text())
    return told["traindx_facts"]


def test_what_the_user_told_is_not_overruled_under_any_name(tmp_path: Path) -> None:
    guard = GuardedMonitor("ours", tmp_path, {"facts": {"bs": 7}, "quiet": True})
    guard.tell({"batch_size": 16, "optimizer": "Adam", "world_size": None})
    guard.close()
    assert facts_in(tmp_path) == {"batch_size": 7, "optimizer": "adam"}


def test_a_second_training_goes_on_in_the_directory_with_all_facts_and_no_warning(tmp_path: Path) -> None:
    guard = GuardedMonitor("ours", tmp_path, {"quiet": True})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for first, fact in ((0, "batch_size"), (5, "num_samples")):
            guard.begin()
            guard.tell({fact: 64})
            for step in range(first, first + 5):
                guard.log({"loss": 1.0}, step=step)
            guard.close()
    assert facts_in(tmp_path) == {"batch_size": 64, "num_samples": 64}
    assert traindx.read(tmp_path)[0].series["loss"].steps.tolist() == list(range(10))


def test_a_monitor_that_was_handed_in_records_a_second_training_too(tmp_path: Path) -> None:
    with traindx.Monitor(tmp_path, quiet=True) as monitor:
        guard = GuardedMonitor("ours", monitor)
        for step in range(2):
            guard.begin()
            guard.log({"loss": 1.0}, step=step)
            guard.close()
    assert traindx.read(tmp_path)[0].series["loss"].steps.tolist() == [0, 1]


def test_wrong_options_are_said_before_the_training_and_leave_no_directory(tmp_path: Path) -> None:
    place = tmp_path / "run"
    with pytest.raises(TypeError, match="totl_steps"):
        GuardedMonitor("ours", place, {"totl_steps": 5})
    with pytest.raises(traindx.UsageError, match="early-stopping"):
        GuardedMonitor("ours", place, {"stop": "early-stoping"})
    with (
        traindx.Monitor(place, quiet=True) as monitor,
        pytest.raises(traindx.UsageError, match="to the monitor itself"),
    ):
        GuardedMonitor("ours", monitor, {"total_steps": 5})

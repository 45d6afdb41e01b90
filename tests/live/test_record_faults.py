# ruff: noqa: PT012, PT031 - what is raised and heard while a training runs, which is more than one statement
"""What a training meets in the wild: the recording suffers, the training does not, and one warning says so."""

from __future__ import annotations

import copy
import errno
import json
import math
import os
import pickle
import resource
import shutil
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import traindx
from tests.live.replaying import BRISK
from traindx.live import Pace
from traindx.live.event_bytes import record_of


def quiet(directory: Path, **more: Any) -> traindx.Monitor:
    return traindx.Monitor(directory, quiet=True, pace=Pace(every_s=math.inf), **more)


def recorded(directory: Path) -> np.ndarray:
    (run,) = traindx.read(directory)
    assert all(not source.skipped and not source.incomplete for source in run.sources)
    return run.series["loss"].values


@contextmanager
def at_most(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond ``size`` bytes; the signal for it is ignored, as Python does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.parametrize("size", [4_000, 4_013, 4_077])
def test_a_full_disk_tears_no_record_and_what_was_kept_is_written_when_there_is_room(tmp_path: Path, size: int) -> None:
    with pytest.warns(RuntimeWarning, match="cannot write to .* kept in memory") as heard:
        monitor = quiet(tmp_path)
        with at_most(size):
            for step in range(500):
                monitor.log(loss=float(step), lr=0.1)
            full = recorded(tmp_path)
            assert 10 < len(full) < 100
            assert np.array_equal(full, np.arange(float(len(full))))
        monitor.flush()
        assert np.array_equal(recorded(tmp_path), np.arange(500.0))
        monitor.log(loss=500.0, lr=0.1)
        monitor.close()
    assert np.array_equal(recorded(tmp_path), np.arange(501.0))
    assert len(heard) == 1


def test_a_disk_that_stays_full_costs_bounded_memory_and_keeps_the_newest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("traindx.live.event_file.MOST_KEPT", 10_000)
    with pytest.warns(RuntimeWarning, match="cannot write") as heard:
        monitor = quiet(tmp_path)
        with at_most(2_000):
            for step in range(2_000):
                monitor.log(loss=float(step))
        monitor.close()
    values = recorded(tmp_path)
    assert values[-1] == 1999.0
    assert 100 < len(values) < 400
    assert len(heard) == 1


def test_a_device_that_refuses_everything_is_one_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monitor = quiet(tmp_path)
    monitor.log(loss=0.0)
    full = os.open("/dev/full", os.O_WRONLY)
    intake = monitor._intake
    os.dup2(full, intake.file._opened)
    os.close(full)
    with pytest.warns(RuntimeWarning, match=os.strerror(errno.ENOSPC).lower()) as heard:
        for step in range(1, 50):
            monitor.log(loss=float(step))
        monitor.close()
    assert len(heard) == 1
    assert recorded(tmp_path).tolist() == [0.0]


def test_a_folder_removed_in_the_middle_comes_back_with_all_that_was_recorded(tmp_path: Path) -> None:
    home = tmp_path / "run"
    with pytest.warns(RuntimeWarning, match="was removed while its run goes on") as heard:
        monitor = quiet(home, facts={"batch_size": 7})
        for step in range(100):
            monitor.log(loss=float(step))
        shutil.rmtree(home)
        for step in range(100, 200):
            monitor.log(loss=float(step))
        monitor.flush()
        for step in range(200, 300):
            monitor.log(loss=float(step))
        monitor.close()
    assert np.array_equal(recorded(home), np.arange(300.0))
    assert (home / "traindx_run.json").exists()
    assert len(heard) == 1


def test_a_row_logged_while_another_thread_puts_the_folder_back_is_written_without_a_warning(tmp_path: Path) -> None:
    monitor = quiet(tmp_path)
    file = monitor._intake.file
    monitor.log(loss=0.0)
    with pytest.raises(OSError, match="Bad file descriptor") as caught:
        os.write(-1, b"")
    file.failed(record_of(time.time(), 1, [("loss", 1.0)]), 0, caught.value)  # tried before, come here after
    monitor.log(loss=2.0, step=2)
    monitor.close()
    assert recorded(tmp_path).tolist() == [0.0, 1.0, 2.0]


def test_a_file_that_somebody_closes_is_followed_by_another(tmp_path: Path) -> None:
    monitor = quiet(tmp_path)
    monitor.log(loss=0.0)
    os.close(monitor._intake.file.descriptor)
    with pytest.warns(RuntimeWarning, match="bad file descriptor") as heard:
        monitor.log(loss=1.0)
        monitor.log(loss=2.0)
        monitor.close()
        monitor.close()
    assert len(heard) == 1
    (run,) = traindx.read(tmp_path)
    assert run.series["loss"].values.tolist() == [0.0, 1.0, 2.0]


@pytest.mark.parametrize("obstacle", ["a file is in the way", "no such device"])
def test_a_folder_that_cannot_be_made_is_one_warning_and_no_more(tmp_path: Path, obstacle: str) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("no folder")
    with pytest.warns(RuntimeWarning, match="cannot write") as heard:
        monitor = quiet(blocked / "run" if obstacle == "a file is in the way" else Path("/proc/run"))
        for step in range(50):
            monitor.log(loss=float(step))
        if obstacle == "a file is in the way":
            blocked.unlink()
        monitor.close()
    assert len(heard) == 1
    if obstacle == "a file is in the way":  # it was gone before the end
        assert np.array_equal(recorded(blocked / "run"), np.arange(50.0))


def test_a_folder_that_never_comes_is_one_warning_for_all_that_is_written_and_judged(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.warns(RuntimeWarning, match="cannot write") as heard:
        monitor = traindx.Monitor(tmp_path / "file" / "run", quiet=True, stop="nan-only", pace=BRISK)
        for step in range(20):
            monitor.log(loss=math.nan if step > 5 else 1.0)
        assert monitor.should_stop
        monitor.tell(batch_size=8)
        time.sleep(0.1)
        monitor.close()
    assert len(heard) == 1


def test_what_is_held_back_and_fails_at_the_end_is_one_warning_and_the_rest_is_done(tmp_path: Path) -> None:
    monitor, done = quiet(tmp_path), []
    monitor.before_close(lambda: done.append(1))
    monitor.before_close(lambda: done.append(1 // 0))
    monitor.log(loss=1.0)
    with pytest.warns(RuntimeWarning, match="held back until the end is lost: ZeroDivisionError") as heard:
        monitor.close()
    assert len(heard) == len(done) == 1
    assert monitor.report is not None


@pytest.mark.parametrize("wrong", [{"clases": 3}, {"classes": 0}, {"classes": "many"}])
def test_facts_that_are_none_are_refused_before_the_training_and_left_out_within(
    wrong: dict[str, Any], tmp_path: Path
) -> None:
    with pytest.raises(traindx.UsageError, match="class"):
        quiet(tmp_path, facts=wrong)
    assert not list(tmp_path.iterdir())
    with quiet(tmp_path) as monitor, pytest.warns(RuntimeWarning, match="the fact 'clas.* is left out") as heard:
        monitor.tell(wrong, batch=16, from_logits=True)
        monitor.tell(wrong)
    assert len(heard) == 1
    assert json.loads((tmp_path / "traindx_run.json").read_text())["traindx_facts"] == {
        "batch_size": 16,
        "from_logits": True,  # no slip: kept for people
    }


def test_facts_are_kept_by_their_own_names_and_types(tmp_path: Path) -> None:
    with quiet(tmp_path, facts={"classes": np.int64(3), "steps": "1k"}, total_steps=500) as monitor:
        assert monitor.given == {"num_classes", "total_steps"}
    told = json.loads((tmp_path / "traindx_run.json").read_text())["traindx_facts"]
    assert told == {"num_classes": 3, "total_steps": 500}


def test_an_interrupted_training_leaves_a_judged_and_closed_log(tmp_path: Path) -> None:
    for error in (KeyboardInterrupt, ValueError):
        home = tmp_path / error.__name__
        with pytest.raises(error), quiet(home) as monitor:
            for step in range(60):
                monitor.log(loss=float(step))
                if step == 50:
                    raise error
        assert monitor.report is not None
        assert len(recorded(home)) == 51


def test_after_close_nothing_is_recorded_and_one_warning_says_so(tmp_path: Path) -> None:
    monitor = quiet(tmp_path)
    monitor.log(loss=1.0)
    monitor.close()
    monitor.close()
    monitor.flush()
    with pytest.warns(RuntimeWarning, match="it has been closed") as heard:
        for _ in range(3):
            monitor.log(loss=2.0)
    assert len(heard) == 1
    assert recorded(tmp_path).tolist() == [1.0]


def test_a_script_that_never_closes_is_judged_at_its_end(tmp_path: Path) -> None:
    script = f"""
import traindx
monitor = traindx.Monitor({str(tmp_path)!r}, facts={{"num_classes": 10, "loss": "cross_entropy"}})
for step in range(300):
    monitor.log(loss=2.3026)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert "FAILING" in done.stderr
    assert len(recorded(tmp_path)) == 300


_FORKING = """
import math, os, sys, warnings
import traindx
from traindx.live import Pace
monitor = traindx.Monitor(sys.argv[1], quiet=True, pace=Pace(every_s=math.inf))
for step in range(20):
    monitor.log(loss=float(step))
child = os.fork()
if not child:
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        for _ in range(5):
            monitor.log(loss=-1.0)
        monitor.tell(batch_size=3)
        monitor.flush()
        monitor.close()
    print(*(one.message for one in heard), sep="\\n")
    sys.exit(0)  # as a program ends, with what it has registered for that
assert os.waitpid(child, 0)[1] == 0
for step in range(20, 40):
    monitor.log(loss=float(step))
monitor.close()
"""


def ran(script: str, *arguments: object) -> str:
    """Run a program of its own, which may fork since it holds none of the tests' libraries; return what it printed."""
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", script, *map(str, arguments)]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=60).stdout


def test_a_forked_process_neither_writes_nor_ends_what_its_parent_records(tmp_path: Path) -> None:
    said = ran(_FORKING, tmp_path)
    assert said.count("belongs to the process that made it") == 1
    assert said.count("\n") == 1
    assert np.array_equal(recorded(tmp_path), np.arange(40.0))


_RECEIVER = """
import pickle, sys, warnings
warnings.simplefilter("error")
monitor = pickle.load(sys.stdin.buffer)
monitor.log(loss=-1.0)
monitor.tell(batch_size=3)
monitor.close()
assert not monitor.should_stop
"""


def test_a_monitor_sent_into_another_process_is_silent_there(tmp_path: Path) -> None:
    with quiet(tmp_path) as monitor:
        monitor.log(loss=1.0)
        told = (tmp_path / "traindx_run.json").read_text()
        subprocess.run([sys.executable, "-c", _RECEIVER], input=pickle.dumps(monitor), check=True, timeout=60)
    assert recorded(tmp_path).tolist() == [1.0]
    assert (tmp_path / "traindx_run.json").read_text() == told


def test_copies_of_a_monitor_are_the_monitor_and_pickles_are_inactive(tmp_path: Path) -> None:
    with quiet(tmp_path) as monitor:
        assert copy.deepcopy({"callbacks": [monitor]})["callbacks"][0] is monitor
        assert copy.copy(monitor) is monitor
        sent = pickle.loads(pickle.dumps(monitor))
        monitor.log(loss=1.0)
        sent.log(loss=2.0)
        sent.close()
    assert recorded(tmp_path).tolist() == [1.0]


_EIGHT_WRITERS = """
import math, os, sys, warnings
import traindx
from traindx.live import Pace
warnings.simplefilter("ignore")  # the folder holds the runs of the others
children = []
for who in range(8):
    child = os.fork()
    if not child:
        monitor = traindx.Monitor(sys.argv[1], quiet=True, pace=Pace(every_s=math.inf))
        for step in range(300):
            monitor.log({f"loss/{who}": float(step)}, step=step)
        os._exit(0)
    children.append(child)
assert [os.waitpid(child, 0)[1] for child in children] == [0] * 8
"""


def test_eight_processes_record_into_one_directory_and_nothing_is_lost(tmp_path: Path) -> None:
    _ = ran(_EIGHT_WRITERS, tmp_path)
    (run,) = traindx.read(tmp_path)
    assert len(run.sources) == 8
    assert not any(source.skipped for source in run.sources)
    for who in range(8):
        assert np.array_equal(run.series[f"loss/{who}"].values, np.arange(300.0))


def test_a_second_run_in_one_folder_is_a_restart_unless_resumed(tmp_path: Path) -> None:
    with quiet(tmp_path) as monitor:
        for step in range(60):
            monitor.log(loss=float(step))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with quiet(tmp_path, resume=True) as monitor:
            monitor.log(loss=60.0)
            monitor.log({"val/loss": 1.0})
            monitor.log(loss=61.0)
    (run,) = traindx.read(tmp_path)
    assert np.array_equal(run.series["loss"].steps, np.arange(62.0))
    assert run.series["val/loss"].steps.tolist() == [60.0]
    time.sleep(0.01)
    with pytest.warns(RuntimeWarning, match="holds a run already") as heard, quiet(tmp_path) as monitor:
        for step in range(60):
            monitor.log(loss=float(step))
    assert len(heard) == 1
    assert monitor.report is not None
    assert "restarted" in {finding.condition for finding in monitor.report.findings}


def test_an_empty_folder_is_resumed_from_the_start(tmp_path: Path) -> None:
    with quiet(tmp_path / "new", resume=True) as monitor:
        monitor.log(loss=1.0)
    assert traindx.read(tmp_path / "new")[0].series["loss"].steps.tolist() == [0.0]


@pytest.mark.parametrize("broken", ["traindx.live.intake.Intake.take", "traindx.live.event_form.Form.record"])
def test_a_fault_of_our_own_is_one_warning(tmp_path: Path, broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    with quiet(tmp_path) as monitor:
        for _ in range(10):
            monitor.log(loss=1.0)
        monkeypatch.setattr(broken, fail)
        with pytest.warns(RuntimeWarning, match="could not be recorded, and the training goes on") as heard:
            for _ in range(5):
                monitor.log({"other": 1.0, "names": 2.0})
                monitor.log(loss=1.0)
        monkeypatch.undo()
    assert len(heard) == 1


def trained(monitor: traindx.Monitor | None, disturb: Any = None) -> tuple[dict[str, torch.Tensor], list[Any]]:
    """Train a small network with dropout; return its weights, and the states of all random generators at the end."""
    import random

    random.seed(0)
    np.random.seed(0)
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(8, 32), torch.nn.Dropout(0.2), torch.nn.ReLU(), torch.nn.Linear(32, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for step in range(60):
        inputs = torch.randn(16, 8)
        loss = torch.nn.functional.mse_loss(model(inputs), inputs.sum(1, keepdim=True))
        optimizer.zero_grad()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if monitor is not None:
            monitor.log({"loss": loss, "grad_norm": norm, "weight": model[0].weight[0, 0]}, step=step)
            if disturb is not None and step == 30:
                disturb(monitor)
    numpy_state: Any = np.random.get_state()
    states = [random.getstate(), numpy_state[1].tolist(), torch.get_rng_state().tolist()]
    return model.state_dict(), states


@pytest.mark.parametrize("fault", ["none", "disk", "folder", "judged"])
def test_weights_and_random_states_are_the_same_to_the_bit_with_and_without_a_monitor(
    tmp_path: Path, fault: str
) -> None:
    weights, states = trained(None)
    faults = {
        "none": None,
        "disk": lambda monitor: os.dup2(os.open("/dev/full", os.O_WRONLY), monitor._intake.file._opened),
        "folder": lambda _: shutil.rmtree(tmp_path / "run"),
        "judged": lambda monitor: monitor.judge(),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with quiet(tmp_path / "run") as monitor:
            watched, watched_states = trained(monitor, faults[fault])
    assert all(torch.equal(weights[name], watched[name]) for name in weights)
    assert states == watched_states
    if fault == "none":
        assert len(recorded(tmp_path / "run")) == 60

"""Which checkpoint is kept, and what is on the disk at every moment."""

from __future__ import annotations

import errno
import json
import math
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import traindx
from traindx.cli.app import app
from traindx.live.keeping import Saver, Ties, newest_is_best
from traindx.live.keeping.naming import best_name, named
from traindx.live.warner import Warner


def write_step(step: int) -> Saver:
    return lambda path: path.write_text(f"weights of step {step}")


def files(directory: Path) -> list[str]:
    return sorted(path.name for path in (directory / "checkpoints").iterdir())


def quiet(directory: Path, *, resume: bool = False) -> traindx.Monitor:
    return traindx.Monitor(directory, quiet=True, resume=resume)


def test_the_first_value_is_the_best_and_few_values_decide_by_themselves() -> None:
    assert newest_is_best([0.5], None, higher=True, ties="first").best
    assert newest_is_best([0.5, 0.6], 0, higher=True, ties="first").best
    assert not newest_is_best([0.5, 0.6], 0, higher=False, ties="first").best
    assert not newest_is_best([0.5, 0.5], 0, higher=True, ties="first").best
    assert newest_is_best([0.5, 0.5], 0, higher=True, ties="last").best
    assert not newest_is_best([0.5, math.nan], 0, higher=True, ties="last").best


def kept_along(seen: np.ndarray, ties: Ties = "first") -> list[int]:
    """The evaluations that were kept, one after the other, of a loss."""
    said: list[int] = []
    for count in range(1, len(seen) + 1):
        if newest_is_best(seen[:count].tolist(), said[-1] if said else None, higher=False, ties=ties).best:
            said.append(count - 1)
    return said


def records(seen: np.ndarray) -> list[int]:
    return [place for place, value in enumerate(seen) if value == seen[: place + 1].min()]


def test_luck_is_a_new_best_less_often_than_a_new_minimum() -> None:
    flat = [1.0 + np.random.default_rng(seed).normal(0, 0.03, 40) for seed in range(8)]
    assert sum(len(kept_along(seen)) for seen in flat) < sum(len(records(seen)) for seen in flat)


def test_a_clear_gain_is_a_new_best_and_one_within_noise_is_not() -> None:
    flat = 0.60 + np.random.default_rng(3).normal(0, 0.01, 30)
    within = [*flat.tolist(), float(flat.max()) - 0.001]
    assert not newest_is_best(within, int(flat.argmax()), higher=True, ties="first").best
    beyond = [*flat.tolist(), 0.67, 0.68]
    assert newest_is_best(beyond, int(flat.argmax()), higher=True, ties="first").best
    assert "its level is the best beyond noise" in newest_is_best(beyond, 0, higher=True, ties="first").why


def test_many_small_gains_become_a_new_best_in_time() -> None:
    falling = 1.0 - 0.009 * np.arange(50) + np.random.default_rng(5).normal(0, 0.03, 50)
    said = kept_along(falling)
    assert said[-1] >= 46
    assert len(said) < 40


def test_what_is_kept_of_a_run_that_overfits_is_near_its_true_best() -> None:
    evaluations = np.arange(50)
    truth = 1.0 - 0.5 * np.exp(-((evaluations - 30) ** 2) / 300)
    for seed in range(5):
        seen = truth + np.random.default_rng(seed).normal(0, 0.03, 50)
        assert truth[kept_along(seen)[-1]] - truth.min() < 0.03


def test_ties_may_go_to_the_last() -> None:
    level = 0.5 + np.random.default_rng(1).normal(0, 0.01, 30)
    assert kept_along(level, "last")[-1] > kept_along(level)[-1]
    assert len(kept_along(level, "last")) > 15 > len(kept_along(level))


def test_names_follow_from_metrics() -> None:
    assert [best_name(m) for m in ("val/r@1", "val_loss", "eval_accuracy", "test/mAP@50", "val/weird metric!")] == [
        "best_r1",
        "best_loss",
        "best_accuracy",
        "best_map50",
        "best_weird_metric",
    ]
    assert named(("val_a/loss", "val_b/loss")) == {"best_loss": "val_a/loss", "best_val_b_loss": "val_b/loss"}
    assert named({"champion": "val/loss"}) == {"champion": "val/loss"}
    for bad in ("../x", "last", "", "a/b"):
        with pytest.raises(traindx.UsageError):
            named({bad: "val/loss"})


def test_is_best_answers_for_the_newest_value_and_does_not_change_its_mind(tmp_path: Path) -> None:
    with quiet(tmp_path) as monitor:
        monitor.log({"val/r@1": 0.3})
        assert monitor.is_best("val/r@1")
        assert monitor.is_best("val/r@1")
        monitor.log({"val/r@1": 0.2})
        assert not monitor.is_best("val/r@1")
        monitor.log({"val/r@1": 0.4})
        assert monitor.is_best("val/r@1")
        monitor.log({"val/loss": 2.0})
        assert monitor.is_best("val/loss")
        monitor.log({"val/loss": 3.0})
        assert not monitor.is_best("val/loss")


def test_is_best_of_a_name_without_a_side_is_asked_for_it(tmp_path: Path) -> None:
    with quiet(tmp_path) as monitor:
        monitor.log({"zorp": 1.0})
        with pytest.warns(RuntimeWarning, match="tell higher_is_better"):
            assert not monitor.is_best("zorp")
        assert monitor.is_best("zorp", higher_is_better=True)
        for value, best in ((0.5, False), (2.0, True), (1.5, False), (3.0, True)):
            monitor.log({"zorp": value})
            assert monitor.is_best("zorp", higher_is_better=True) is best
        with pytest.warns(RuntimeWarning, match="nothing is known of 'val/f1'"):
            assert not monitor.is_best("val/f1")


class OnItsDevice:
    """A value as a tensor on an accelerator is: asking for its number would wait, and fails this test."""

    is_cpu = False

    def __float__(self) -> float:
        raise AssertionError("the device was waited for")


def test_a_value_on_a_device_is_not_waited_for(tmp_path: Path) -> None:
    from traindx.live.keeping import Keeper

    keeper = Keeper(tmp_path, Warner(), lambda: 2, lambda: None)
    keeper.board.take(1, {"val/loss": 2.0})
    assert keeper.is_best("val/loss")
    keeper.board.take(2, {"val/loss": OnItsDevice()})
    assert not keeper.is_best("val/loss")
    with pytest.warns(RuntimeWarning, match="still on its device"):
        assert [one.name for one in keeper.keep_best(write_step(2), "val/loss")] == ["last"]
    keeper.board.arrived(2, {"val/loss": 1.0})
    assert keeper.is_best("val/loss")


def test_each_best_lies_there_under_its_name_and_step(tmp_path: Path) -> None:
    with quiet(tmp_path) as monitor:
        for step, (recall, loss) in enumerate([(0.1, 2.0), (0.3, 2.5), (0.2, 1.5)]):
            monitor.log({"val/r@1": recall, "val/loss": loss}, step=100 * step)
            kept = monitor.keep_best(write_step(100 * step))
        assert [one.name for one in kept] == ["best_loss", "last"]
        assert files(tmp_path) == [
            "best_loss-step=200.pt",
            "best_r1-step=100.pt",
            "bests.index.json",
            "last-step=200.pt",
        ]
        assert monitor.kept["best_r1"].path.read_text() == "weights of step 100"
        assert (monitor.kept["best_r1"].step, monitor.kept["best_r1"].value) == (100, 0.3)
    index = json.loads((tmp_path / "checkpoints" / "bests.index.json").read_text())
    assert index["kept"]["best_loss"]["value"] == 1.5
    assert index["kept"]["best_loss"]["why"].startswith("0.5 better")


def test_a_saver_is_called_once_and_only_where_something_is_kept(tmp_path: Path) -> None:
    calls: list[Path] = []

    def saver(path: Path) -> None:
        calls.append(path)
        path.write_text("weights")

    with quiet(tmp_path) as monitor:
        monitor.log({"val/r@1": 0.5, "val/loss": 1.0})
        assert len(monitor.keep_best(saver)) == 3
        assert len(calls) == 1
        monitor.log({"val/r@1": 0.4, "val/loss": 1.1})
        assert monitor.keep_best(saver, last=False) == ()
        assert len(calls) == 1
        assert monitor.keep_best(saver, last=False) == ()


def test_a_folder_is_kept_whole_and_read_as_a_checkpoint(tmp_path: Path) -> None:
    def saver(path: Path, step: int) -> None:
        (path / "inner").mkdir(parents=True)
        (path / "config.json").write_text('{"learning_rate": 3}')
        (path / "inner" / "weights.bin").write_text(f"{step}")

    with quiet(tmp_path) as monitor:
        for step in range(3):
            monitor.log({"loss": 1.0 - 0.1 * step, "val/loss": 1.0 - 0.1 * step})
            monitor.keep_best(lambda path, step=step: saver(path, step), suffix="")  # type: ignore[misc]
    assert files(tmp_path) == ["best_loss-step=2", "bests.index.json", "last-step=2"]
    assert (tmp_path / "checkpoints" / "best_loss-step=2" / "inner" / "weights.bin").read_text() == "2"
    (run,) = traindx.read(tmp_path)
    assert sorted(Path(one.path).name for one in run.checkpoints) == ["best_loss-step=2", "last-step=2"]
    assert "lr" not in {fact.key for fact in monitor.report.facts}  # type: ignore[union-attr] # what lies in it is not the run's


def test_numpy_may_lengthen_the_name(tmp_path: Path) -> None:
    with quiet(tmp_path) as monitor:
        monitor.log({"val/loss": 1.0})
        monitor.keep_best(lambda path: np.savez(path, weights=np.arange(3)), suffix="")
        assert files(tmp_path) == ["best_loss-step=0.npz", "bests.index.json", "last-step=0.npz"]


@pytest.mark.parametrize("fault", ["raises", "full disk", "half written", "writes nothing"])
def test_a_failing_saver_leaves_the_old_best_and_warns_once(tmp_path: Path, fault: str) -> None:
    def broken(path: Path) -> None:
        if fault == "half written":
            path.write_text("weig")
        if fault == "full disk":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if fault != "writes nothing":
            raise ValueError("no state")

    with quiet(tmp_path) as monitor:
        monitor.log({"val/loss": 2.0})
        monitor.keep_best(write_step(0))
        before = files(tmp_path)
        monitor.log({"val/loss": 1.0})
        with pytest.warns(RuntimeWarning, match="no checkpoint was kept"):
            assert monitor.keep_best(broken) == ()
        monitor.log({"val/loss": 0.5})
        assert monitor.keep_best(broken) == ()  # without another warning, which would be an error here
        assert files(tmp_path) == before
        assert monitor.kept["best_loss"].path.read_text() == "weights of step 0"
        monitor.log({"val/loss": 0.4})
        assert {one.name for one in monitor.keep_best(write_step(3))} == {"best_loss", "last"}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_a_disk_that_is_really_full_costs_nothing_but_the_new_checkpoint(tmp_path: Path) -> None:
    def onto_a_full_disk(path: Path) -> None:
        with Path("/dev/full").open("wb", buffering=0) as full:
            full.write(b"weights")

    with quiet(tmp_path) as monitor:
        monitor.log({"val/loss": 2.0})
        monitor.keep_best(write_step(0))
        monitor.log({"val/loss": 1.0})
        with pytest.warns(RuntimeWarning, match="No space left on device"):
            monitor.keep_best(onto_a_full_disk)
        assert monitor.kept["best_loss"].path.read_text() == "weights of step 0"


def test_arguments_that_make_no_sense_do_not_end_a_training(tmp_path: Path) -> None:
    with quiet(tmp_path) as monitor:
        monitor.log({"val/loss": 2.0})
        with pytest.warns(RuntimeWarning, match="cannot name a best checkpoint"):
            assert monitor.keep_best(write_step(0), {"../best": "val/loss"}) == ()


def test_keeping_late_is_told(tmp_path: Path) -> None:
    with quiet(tmp_path) as monitor:
        monitor.log({"val/loss": 2.0}, step=10)
        monitor.log(loss=2.0, step=11)
        with pytest.warns(RuntimeWarning, match="measured at step 10, and this is step 11"):
            monitor.keep_best(write_step(11), last=False)


def test_a_resumed_training_goes_on_from_what_was_kept(tmp_path: Path) -> None:
    noise = random.Random(0)
    with quiet(tmp_path) as monitor:
        for step in range(12):
            monitor.log({"val/loss": 2.0 - 0.1 * step + noise.gauss(0, 0.01)}, step=step)
            monitor.keep_best(write_step(step))
            monitor.is_best("val/loss")
        kept = monitor.kept["best_loss"]
    again = quiet(tmp_path, resume=True)
    again.log({"val/loss": 1.5}, step=12)
    assert not again.is_best("val/loss")
    assert [one.name for one in again.keep_best(write_step(12))] == ["last"]
    assert again.kept["best_loss"] == kept
    again.log({"val/loss": 0.2}, step=13)
    assert again.is_best("val/loss")
    assert [one.name for one in again.keep_best(write_step(13))] == ["best_loss", "last"]
    again.close()
    assert files(tmp_path) == ["best_loss-step=13.pt", "bests.index.json", "last-step=13.pt"]


def test_a_training_resumed_from_before_its_best_still_has_it(tmp_path: Path) -> None:
    def train(losses: list[float], first: int, *, resume: bool) -> dict[str, float]:
        with quiet(tmp_path, resume=resume) as watched:
            for step, loss in enumerate(losses, first):
                watched.log({"val/loss": loss}, step=step)
                watched.keep_best(write_step(step), "val/loss", last=False)
            return {name: one.value for name, one in watched.kept.items()}

    assert train([3.0, 2.0, 1.0, 1.5], 0, resume=False) == {"best_loss": 1.0}
    assert train([1.9, 1.2, 1.1], 1, resume=True) == {"best_loss": 1.0}  # from the checkpoint of step 0
    assert files(tmp_path) == ["best_loss-step=2.pt", "bests.index.json"]
    assert train([0.9], 4, resume=True) == {"best_loss": 0.9}


def test_another_training_in_the_same_folder_begins_anew(tmp_path: Path) -> None:
    with quiet(tmp_path) as monitor:
        for step in range(3):
            monitor.log({"val/loss": 1.0 - 0.1 * step}, step=step)
            monitor.keep_best(write_step(step))
    with pytest.warns(RuntimeWarning, match="holds a run already"):
        again = quiet(tmp_path)
    again.log({"val/loss": 9.0}, step=0)
    assert {one.name for one in again.keep_best(write_step(0))} == {"best_loss", "last"}
    again.close()
    assert files(tmp_path) == ["best_loss-step=0.pt", "bests.index.json", "last-step=0.pt"]


def test_steps_that_go_on_are_the_same_training_without_being_told(tmp_path: Path) -> None:
    with quiet(tmp_path) as monitor:
        for step in (48, 49, 50):
            monitor.log({"val/loss": 1.0 / step}, step=step)
            monitor.keep_best(write_step(step))
    with pytest.warns(RuntimeWarning, match="holds a run already"):
        again = quiet(tmp_path)
    again.log({"val/loss": 9.0}, step=60)
    assert [one.name for one in again.keep_best(write_step(60))] == ["last"]
    again.close()
    assert files(tmp_path) == ["best_loss-step=50.pt", "bests.index.json", "last-step=60.pt"]


def test_an_index_that_is_none_is_told_and_overwritten(tmp_path: Path) -> None:
    elsewhere = '{"kept": {"a": {"file": "/etc/passwd"}}, "is_best": {}, "measured": {}}'
    for number, broken in enumerate(('{"kept": 3}', "{", elsewhere)):
        directory = tmp_path / str(number)
        home = directory / "checkpoints"
        home.mkdir(parents=True)
        (home / "bests.index.json").write_text(broken)
        with quiet(directory, resume=True) as monitor:
            monitor.log({"val/loss": 2.0})
            with pytest.warns(RuntimeWarning, match="earlier process is not known"):
                assert monitor.keep_best(write_step(0))
        assert json.loads((home / "bests.index.json").read_text())["kept"]["best_loss"]["step"] == 0


KILLED = """
import sys, pathlib, traindx
monitor = traindx.Monitor(sys.argv[1], quiet=True)
for step in range(10_000):
    monitor.log({"val/loss": 1 / (1 + step)}, step=step)
    monitor.keep_best(lambda path: path.write_bytes(bytes([step % 251]) * 3_000_000))
    print(step, flush=True)
"""


@pytest.mark.slow
def test_a_whole_best_is_there_whenever_the_process_is_killed(tmp_path: Path) -> None:
    for trial in range(4):
        directory = tmp_path / str(trial)
        with subprocess.Popen([sys.executable, "-c", KILLED, str(directory)], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(0.03 + 0.021 * trial)
            process.send_signal(signal.SIGKILL)
        bests = sorted((directory / "checkpoints").glob("best_loss-step=*.pt"))
        assert 1 <= len(bests) <= 2
        for best in bests:
            step = int(best.stem.partition("=")[2])
            assert best.read_bytes() == bytes([step % 251]) * 3_000_000
        with quiet(directory, resume=True) as monitor:
            monitor.log({"val/loss": 0.0}, step=20_000)
            assert monitor.keep_best(write_step(20_000))
        assert files(directory) == ["best_loss-step=20000.pt", "bests.index.json", "last-step=20000.pt"]


def pick(directory: Path) -> dict[str, object]:
    told = CliRunner().invoke(app, ["pick", str(directory), "--format", "json"])
    assert told.exit_code == 0, told.output
    return json.loads(told.stdout)  # type: ignore[no-any-return]


@pytest.mark.slow
def test_pick_names_a_kept_checkpoint_of_a_real_training(tmp_path: Path) -> None:
    import torch
    from sklearn.datasets import load_digits  # type: ignore[import-untyped]

    torch.set_num_threads(1)
    digits = load_digits()
    inputs = torch.tensor(digits.data / 16, dtype=torch.float32)
    labels = torch.tensor(digits.target)
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(64, 64), torch.nn.ReLU(), torch.nn.Linear(64, 10))
    optimiser = torch.optim.Adam(model.parameters(), lr=3e-3)
    train, held_out = slice(0, 150), slice(1200, 1500)
    with traindx.Monitor(tmp_path, objective=traindx.CrossEntropy(num_classes=10), quiet=True) as monitor:
        for step in range(240):
            batch = torch.randint(0, 150, (32,))
            loss = torch.nn.functional.cross_entropy(model(inputs[batch]), labels[batch])
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            monitor.log(loss=loss.item())
            if step % 6 == 5:
                with torch.no_grad():
                    logits = model(inputs[held_out])
                    val = torch.nn.functional.cross_entropy(logits, labels[held_out]).item()
                    accuracy = (logits.argmax(1) == labels[held_out]).float().mean().item()
                monitor.log({"val/loss": val, "val/accuracy": accuracy})
                monitor.keep_best(lambda path: torch.save(model.state_dict(), path))
        kept = monitor.kept
    del train
    choice = pick(tmp_path)["runs"][0]["checkpoint"]  # type: ignore[index]
    assert Path(choice["path"]).name in {one.path.name for one in kept.values()}
    assert kept["best_accuracy"].step == choice["at"] or kept["best_accuracy"].step in choice["tied"]
    state = torch.load(choice["path"], weights_only=True)
    assert set(state) == set(model.state_dict())

"""Several ranks: one records, all are compared, and none waits for another."""

from __future__ import annotations

import json
import math
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

import traindx
from traindx.live import Gathering
from traindx.live.ranks import rank_now, world_size
from traindx.live.ranks.comparing import Comparison
from traindx.live.ranks.post import Post, packed, unpacked

WORKER = Path(__file__).parents[1] / "data" / "live" / "rank_worker.py"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two real processes, with gloo between them, that went through all scenarios; nobody hung."""
    home = tmp_path_factory.mktemp("ranks")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    begun = time.monotonic()
    processes = [
        subprocess.Popen([sys.executable, str(WORKER), str(rank), str(port), str(home)], stderr=subprocess.PIPE)
        for rank in (0, 1)
    ]
    said = [process.communicate(timeout=240)[1].decode() for process in processes]
    assert [process.returncode for process in processes] == [0, 9], said  # the last scenario ends rank 1 by force
    assert time.monotonic() - begun < 200
    assert "traindx:" not in "".join(said), said
    return home


def report_of(directory: Path) -> traindx.Report:
    report = traindx.diagnose(directory)
    assert isinstance(report, traindx.Report)
    return report


def codes(directory: Path) -> set[str]:
    return {finding.code for finding in report_of(directory).findings}


@pytest.mark.slow
def test_only_rank_0_records_and_both_are_compared(home: Path) -> None:
    assert len(list((home / "healthy").glob("events.out.tfevents*"))) == 1
    (run,) = traindx.read(home / "healthy")
    for name in ("train/loss", "data_time", "step_time", "lr"):
        for rank in (0, 1):
            series = run.series[f"{name} [rank {rank}]"]
            assert len(series) >= 5, name
            assert set(series.steps % 10) == {0.0}
    own = dict(zip(run.series["train/loss"].steps, run.series["train/loss"].values, strict=True))
    again = run.series["train/loss [rank 0]"]
    assert [own[step] for step in again.steps] == again.values.tolist()
    assert set(run.series["steps_behind [rank 1]"].values) == {0.0}
    assert not {code for code in codes(home / "healthy") if code.startswith(("RNK", "NAN", "INT"))}


@pytest.mark.slow
def test_training_is_the_same_to_the_last_bit(home: Path) -> None:
    for rank in (0, 1):
        weights = json.loads((home / f"weights-{rank}.json").read_text())
        assert all(weights[name] == weights["plain"] for name in weights)


@pytest.mark.slow
def test_the_slow_rank_is_found(home: Path) -> None:
    found = next(f for f in report_of(home / "slow").findings if f.code == "RNK001")
    assert found.headline.startswith("rank 1 takes")
    assert "data_time" in found.headline


@pytest.mark.slow
def test_the_rank_whose_loss_is_nan_is_found(home: Path) -> None:
    found = [f for f in report_of(home / "nan").findings if f.condition == "nan"]
    assert any(e.span is not None and e.span.series == "train/loss [rank 1]" for f in found for e in f.evidence)


@pytest.mark.slow
def test_the_rank_that_is_one_step_behind_is_found(home: Path) -> None:
    found = next(f for f in report_of(home / "behind").findings if f.code == "RNK002")
    assert found.headline == "rank 1 is 1 step behind rank 0"


@pytest.mark.slow
def test_a_rank_that_stops_logging_keeps_nobody_waiting_and_is_found(home: Path) -> None:
    assert "RNK002" in codes(home / "stops")
    assert "RNK003" not in codes(home / "stops")  # it lives


@pytest.mark.slow
def test_a_dead_rank_keeps_nobody_waiting_and_is_told_of(home: Path) -> None:
    assert "RNK003" in codes(home / "dead")
    (run,) = traindx.read(home / "dead")
    assert len(run.series["train/loss"]) == 120
    assert "RNK003" in json.loads((home / "dead-changes-0.json").read_text())


def test_a_process_by_itself_is_rank_0(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RANK", "WORLD_SIZE", "MASTER_ADDR"):
        monkeypatch.delenv(name, raising=False)
    assert (rank_now(), world_size()) == (0, 1)
    monkeypatch.setenv("RANK", "3")
    assert rank_now() == 0  # a word that schedulers use for other things too
    monkeypatch.setenv("WORLD_SIZE", "4")
    monkeypatch.setenv("MASTER_ADDR", "node0")
    assert rank_now() == 3


def test_another_rank_writes_nothing_and_still_knows_a_best(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"RANK": "1", "WORLD_SIZE": "2", "MASTER_ADDR": "node0"}.items():
        monkeypatch.setenv(name, value)
    directory = tmp_path / "run"
    with traindx.Monitor(directory) as monitor:
        monitor.log(loss=1.0)
        monitor.log({"val/loss": 2.0})
        assert monitor.is_best("val/loss")
        assert monitor.keep_best(lambda path: path.write_text("weights")) == ()
        assert not monitor.should_stop
    assert not directory.exists() or list(directory.iterdir()) == []


def test_a_way_to_treat_ranks_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(traindx.UsageError, match="ranks cannot be 'all'"):
        traindx.Monitor(tmp_path, ranks="all")  # type: ignore[arg-type]


def test_ranks_that_cannot_be_compared_are_told_once(tmp_path: Path) -> None:
    with pytest.warns(RuntimeWarning, match="the ranks cannot be compared: no process group"):
        monitor = traindx.Monitor(tmp_path, quiet=True, ranks="gather")
    monitor.log(loss=1.0)
    monitor.close()
    with pytest.raises(traindx.UsageError, match="ranks are gathered"):
        Gathering(every=0)


def test_a_post_survives_its_way_and_a_foreign_text_is_none() -> None:
    post = Post(beat=3, step=7, at=5, values={"loss": math.inf, "a b": -1.5}, begun=12)
    again = unpacked(packed(post))
    assert again is not None
    assert (again.beat, again.step, again.at, again.values, again.begun) == (3, 7, 5, post.values, 12)
    assert again.step_time != again.step_time
    for text in ("", "3", "[]", "[1,2]", '[1,2,3,"x",null,false,{}]', "[" * 5000, '{"a":1}'):
        assert unpacked(text) is None


def rows(comparison: Comparison, rank: int, now: float = 0.0, **post: object) -> list[tuple[int, dict[str, float]]]:
    return list(comparison.take(rank, Post(**post), now))  # type: ignore[arg-type]


def test_a_silence_is_told_once_and_its_end_too() -> None:
    comparison = Comparison(every=10, silent_after_s=60.0)
    comparison.expect(2, 0.0)
    rows(comparison, 0, beat=1, step=5)
    rows(comparison, 1, beat=1, step=5)
    assert list(comparison.silences(59.0)) == []
    assert list(comparison.silences(61.0)) == [(5, {"seconds_silent [rank 1]": 61.0})]
    assert list(comparison.silences(90.0)) == []
    assert rows(comparison, 1, 100.0, beat=2, step=6) == [(5, {"seconds_silent [rank 1]": 0.0})]


def test_a_rank_that_ended_as_it_should_is_not_silent() -> None:
    comparison = Comparison(every=10, silent_after_s=60.0)
    rows(comparison, 1, beat=1, step=5, over=True)
    assert list(comparison.silences(1e6)) == []


def test_a_rank_of_which_nothing_was_ever_heard_is_silent() -> None:
    comparison = Comparison(every=10, silent_after_s=60.0)
    comparison.expect(3, 0.0)
    assert [row for _, row in comparison.silences(61.0)] == [
        {"seconds_silent [rank 1]": 61.0},
        {"seconds_silent [rank 2]": 61.0},
    ]


def test_operations_tell_a_step_that_counts_do_not() -> None:
    comparison = Comparison(every=10, silent_after_s=60.0)
    for beat, at in enumerate((0, 10, 20)):
        rows(comparison, 0, beat=beat, step=at, at=at, begun=3 * at)
    assert rows(comparison, 1, beat=1, step=20, at=20, begun=63)[-1] == (20, {"steps_behind [rank 1]": 1.0})
    assert rows(comparison, 1, beat=2, step=20, at=20, begun=63) == []  # told already


def test_counts_tell_a_rank_that_has_stopped_to_log() -> None:
    comparison = Comparison(every=10, silent_after_s=60.0)
    rows(comparison, 1, beat=1, step=10, at=10)
    rows(comparison, 0, beat=1, step=20, at=20)
    told = [rows(comparison, 0, beat=step, step=step, at=step)[-1] for step in (30, 40, 50)]
    assert told == [
        (30, {"steps_behind [rank 1]": 0.0}),
        (40, {"steps_behind [rank 1]": 30.0}),
        (50, {"steps_behind [rank 1]": 40.0}),
    ]

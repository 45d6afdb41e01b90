"""A run that is followed as it grows is, after every step, the run that reading its log afresh gives."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import traindx
from tests.writers import event_writer as tb
from traindx.errors import UnreadableLogError, UsageError
from traindx.live import Following
from traindx.run import Run

ROWS = 240
COLUMNS = ("values", "steps", "epochs", "wall_times", "records", "files")


def loss(row: int) -> float:
    return 0.4 + 2 / (1 + row / 20) + 0.05 * random.Random(row).random()


def events() -> tuple[str, bytes]:
    rows = [tb.event(1.7e9 + i, i, tb.simple("loss", loss(i)), tb.simple("lr", 1e-4)) for i in range(ROWS)]
    return "events.out.tfevents.1700000000.host", b"".join([tb.version(), *rows])


def table() -> tuple[str, bytes]:
    rows = [f"{i},{loss(i)},{loss(i) + 0.1 if i % 7 == 0 else ''}\n" for i in range(ROWS)]
    return "metrics.csv", "".join(["step,loss,val_loss\n", *rows]).encode()


def uncounted() -> tuple[str, bytes]:
    return "losses.csv", "".join(["loss,acc\n", *(f"{loss(i)},{i / ROWS}\n" for i in range(ROWS))]).encode()


def lines() -> tuple[str, bytes]:
    rows = [{"step": i, "loss": loss(i)} | ({"eval/loss": loss(i) + 0.1} if i % 10 == 9 else {}) for i in range(ROWS)]
    return "log.jsonl", "".join(json.dumps(row) + "\n" for row in rows).encode()


def restarting() -> tuple[str, bytes]:
    rows = [{"epoch": i // 50, "batch": i % 50, "loss": loss(i)} for i in range(ROWS)]
    return "log.jsonl", "".join(json.dumps(row) + "\n" for row in rows).encode()


def words_among_numbers() -> tuple[str, bytes]:
    rows = [f"{i},{loss(i) if i % 40 else 'n/a'},{i if i % 3 else ''}\n" for i in range(ROWS)]
    return "metrics.csv", "".join(["step,loss,seen\n", *rows]).encode()


def text() -> tuple[str, bytes]:
    rows = [f"step {i} | loss {loss(i):.6f} | lr 1e-4\n" for i in range(ROWS)]
    return "train.log", "".join(["batch_size: 32\n", *rows]).encode()


def trainer_state() -> tuple[str, bytes]:
    rows = [{"step": i, "epoch": i / 50, "loss": loss(i), "learning_rate": 1e-4} for i in range(1, 60)]
    return "trainer_state.json", json.dumps({"log_history": rows, "max_steps": 60}).encode()


def read(look: Callable[[], list[Run]]) -> list[Run] | str:
    try:
        return look()
    except UnreadableLogError as error:
        return str(error)


def assert_same(followed: list[Run] | str, fresh: list[Run] | str) -> None:
    if isinstance(followed, str) or isinstance(fresh, str):
        assert followed == fresh
        return
    assert [run.name for run in followed] == [run.name for run in fresh]
    for mine, yours in zip(followed, fresh, strict=True):
        assert list(mine.series) == list(yours.series)
        assert (mine.sources, mine.settings, mine.notes) == (yours.sources, yours.settings, yours.notes)
        assert (mine.words, repr(mine.checkpoints)) == (yours.words, repr(yours.checkpoints))  # NaN is no NaN's equal
        for name, one in mine.series.items():
            other = yours.series[name]
            assert (one.logged_as, one.has_steps, one.statistic) == (other.logged_as, other.has_steps, other.statistic)
            for column in COLUMNS:
                np.testing.assert_array_equal(getattr(one, column), getattr(other, column), err_msg=f"{name} {column}")


def check(path: Path, following: Following) -> None:
    assert_same(read(lambda: list(following.look().runs)), read(lambda: traindx.read(path)))


@pytest.mark.parametrize(
    "form", [events, table, uncounted, lines, restarting, words_among_numbers, text, trainer_state]
)
@settings(max_examples=10, deadline=None)
@given(cuts=st.lists(st.floats(0, 1), min_size=1, max_size=6))
@example(cuts=[0.5, 1.0])  # written again with nothing new after a record that had been cut off
def test_a_followed_run_is_the_run_read_afresh_at_every_cut(
    tmp_path_factory: pytest.TempPathFactory, form: Callable[[], tuple[str, bytes]], cuts: list[float]
) -> None:
    name, data = form()
    path = tmp_path_factory.mktemp("run") / name
    following = Following(path, share=0)
    for cut in [*sorted(cuts), 1.0]:
        path.write_bytes(data[: int(len(data) * cut)])
        check(path, following)


@pytest.mark.parametrize("form", [events, table, lines, text])
def test_the_report_of_a_followed_run_is_that_of_the_log(tmp_path: Path, form: Callable[[], tuple[str, bytes]]) -> None:
    name, data = form()
    path = tmp_path / name
    following = Following(path, share=0)
    for cut in (0.5, 0.73, 1.0):
        path.write_bytes(data[: int(len(data) * cut)])
        assert traindx.diagnose(following.look().runs[0]) == traindx.diagnose(path)


def test_a_directory_is_followed_as_it_fills(tmp_path: Path) -> None:
    """Event files of a run and of its evaluation, settings that change, a checkpoint, a restart's second file."""
    home = tmp_path / "run"
    following = Following(home, share=0)
    check(home, following)
    (home / "val").mkdir(parents=True)
    check(home, following)
    first, evaluation, second = (
        home / f"{at}events.out.tfevents.170000000{n}.host" for n, at in ((0, ""), (1, "val/"), (5, ""))
    )
    first.write_bytes(tb.version())
    check(home, following)
    for row in range(0, 60, 5):
        with first.open("ab") as file:
            file.write(b"".join(tb.event(1.7e9 + i, i, tb.simple("loss", loss(i))) for i in range(row, row + 5)))
        check(home, following)
    evaluation.write_bytes(tb.version() + tb.event(1.7e9 + 50, 50, tb.simple("loss", 1.5)))
    check(home, following)
    (home / "hparams.yaml").write_text("batch_size: 16\n")
    check(home, following)
    (home / "hparams.yaml").write_text("batch_size: 32\nlr: 0.1\n")
    check(home, following)
    (home / "checkpoint-50.pt").write_bytes(b"")
    check(home, following)
    second.write_bytes(tb.version(1.7e9 + 90) + tb.event(1.7e9 + 90, 40, tb.simple("loss", 1.0)))
    check(home, following)
    with first.open("ab") as file:
        file.write(tb.event(1.7e9 + 61, 61, tb.simple("accuracy", 0.5)))
    check(home, following)
    first.unlink()
    check(home, following)


@pytest.mark.parametrize("form", [events, table, lines, text])
def test_a_log_that_is_truncated_replaced_or_gone_is_what_stands_there_now(
    tmp_path: Path, form: Callable[[], tuple[str, bytes]]
) -> None:
    name, data = form()
    path = tmp_path / name
    following = Following(path, share=0)
    path.write_bytes(data[: len(data) // 2])
    check(path, following)
    path.write_bytes(data[: len(data) // 4])
    check(path, following)
    path.write_bytes(data[: len(data) // 3] + b"\n\x1b[31m\0 no log any more " * 50)
    check(path, following)
    path.unlink()
    check(path, following)
    other = tmp_path / "other"
    other.write_bytes(data)
    os.replace(other, path)
    check(path, following)


def test_an_event_file_rewritten_in_place_and_longer_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "events.out.tfevents.1700000000.host"
    rows = [tb.event(1.7e9 + i, i, tb.simple("loss", loss(i))) for i in range(100)]
    following = Following(path, share=0)
    path.write_bytes(tb.version() + b"".join(rows[:40]))
    check(path, following)
    path.write_bytes(tb.version() + b"".join(reversed(rows)))
    check(path, following)


def test_a_rotated_log_is_one_run_with_its_older_part(tmp_path: Path) -> None:
    _, data = text()
    half = data.index(b"\n", len(data) // 2) + 1
    path = tmp_path / "train.log"
    path.write_bytes(data[:half])
    following = Following(tmp_path, share=0)
    check(tmp_path, following)
    path.rename(tmp_path / "train.log.1")
    path.write_bytes(data[half:])
    check(tmp_path, following)
    (run,) = following.look().runs
    assert len(run.series["loss"]) == ROWS


def test_what_is_known_is_not_read_again(tmp_path: Path) -> None:
    path = tmp_path / "events.out.tfevents.1700000000.host"
    path.write_bytes(tb.version() + b"".join(tb.event(1.7e9 + i, i, tb.simple("loss", 1.0)) for i in range(100)))
    following = Following(path, share=0)
    assert following.look().new
    assert not following.look().new
    for step in range(100, 400, 10):
        with path.open("ab") as file:
            file.write(tb.event(1.7e9 + step, step, tb.simple("loss", 1.0)))
        assert following.look().new
    assert following.times_read_whole == 1


def test_a_run_that_was_given_out_does_not_change(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    path.write_text("step,loss\n" + "".join(f"{i},{i}\n" for i in range(1000)))
    following = Following(path, share=0)
    (before,) = following.look().runs
    for start in range(1000, 1900, 100):
        with path.open("a") as file:
            file.write("".join(f"{i},{i}\n" for i in range(start, start + 100)))
        (after,) = following.look().runs
        assert after.series["loss"].values.tolist() == list(range(start + 100))
    assert before.series["loss"].values.tolist() == list(range(1000))
    with pytest.raises(ValueError, match="read-only"):
        after.series["loss"].values[0] = 5


def test_reading_takes_its_share_of_the_time_and_no_more(tmp_path: Path) -> None:
    """A clock that moves two seconds with each reading: at a tenth, the next one is twenty seconds later."""
    path = tmp_path / "train.log"
    now = [0.0]

    def clock() -> float:
        now[0] += 1.0
        return now[0]

    path.write_bytes(text()[1][:2000])
    following = Following(path, share=0.1, clock=clock)
    first = following.look()
    assert first.new
    path.write_bytes(text()[1])
    idle = [following.look() for _ in range(8)]
    assert not any(look.new for look in idle)
    assert idle[0].runs == first.runs
    assert idle[0].next_s > idle[-1].next_s > 0
    now[0] += 10
    assert following.look().new


def test_standard_input_cannot_be_followed() -> None:
    with pytest.raises(UsageError, match="only files and directories"):
        _ = Following("-")

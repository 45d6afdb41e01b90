"""A log that grows is read on from where it ended, and gives the points that reading all of it gives."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.writers import event_writer as tb

from traindx.errors import UnreadableLogError
from traindx.readers import read_path
from traindx.readers.growing import GrowingLog
from traindx.run import Series

ROWS = 300
Form = Callable[[], tuple[str, list[bytes]]]


def events() -> tuple[str, list[bytes]]:
    written = [tb.event(1.7e9 + i, i * 3, tb.simple("loss", 1 / (i + 1)), tb.simple("acc", i)) for i in range(ROWS)]
    return "events.out.tfevents.1700000000.host", [tb.version(), *written]


def table() -> tuple[str, list[bytes]]:
    return "metrics.csv", [
        b"step,loss,val_loss\n",
        *(f"{i},{1 / (i + 1)},{i if i % 7 == 0 else ''}\n".encode() for i in range(ROWS)),
    ]


def uncounted() -> tuple[str, list[bytes]]:
    return "losses.csv", [b"loss,acc\n", *(f"{1 / (i + 1)},{i / ROWS}\n".encode() for i in range(ROWS))]


def lines() -> tuple[str, list[bytes]]:
    rows = [{"step": i, "loss": 1 / (i + 1)} | ({"eval/loss": i / 7} if i % 10 == 9 else {}) for i in range(ROWS)]
    return "log.jsonl", [json.dumps(row).encode() + b"\n" for row in rows]


def restarting() -> tuple[str, list[bytes]]:
    rows = [{"epoch": i // 50, "batch": i % 50, "loss": 1 / (i + 1)} for i in range(ROWS)]
    return "log.jsonl", [json.dumps(row).encode() + b"\n" for row in rows]


def text() -> tuple[str, list[bytes]]:
    return "train.log", [f"step {i} | loss {1 / (i + 1):.6f} | lr 1e-4\n".encode() for i in range(ROWS)]


FORMS: list[Form] = [events, table, uncounted, lines, restarting, text]


def joined(parts: list[Series]) -> dict[str, list[float]]:
    columns = ("values", "steps", "epochs", "wall_times", "records")
    return {column: np.concatenate([getattr(part, column) for part in parts]).tolist() for column in columns}


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=5, deadline=None)
@given(cuts=st.lists(st.floats(0.3, 1), max_size=5))
def test_points_told_bit_by_bit_are_those_of_the_whole_file(
    tmp_path_factory: pytest.TempPathFactory, form: Form, cuts: list[float]
) -> None:
    name, pieces = form()
    path = tmp_path_factory.mktemp("run") / name
    data = b"".join(pieces)
    log = GrowingLog(str(path))
    told: dict[str, list[Series]] = {}
    for cut in [*sorted(cuts), 1.0]:
        path.write_bytes(data[: int(len(data) * cut)])
        for series in log.more().run.series.values():
            told.setdefault(series.name, []).append(series)
    (whole,) = read_path(str(path))
    assert set(told) == set(whole.series)
    for one in whole.series.values():
        found, expected = joined(told[one.name]), joined([one])
        for column, values in expected.items():
            np.testing.assert_array_equal(found[column], values, err_msg=f"{one.name} {column}")


@pytest.mark.parametrize("form", [events, table, lines])
def test_a_file_that_has_not_grown_tells_nothing_and_one_more_row_tells_one_point(tmp_path: Path, form: Form) -> None:
    name, pieces = form()
    path = tmp_path / name
    path.write_bytes(b"".join(pieces[:-1]))
    log = GrowingLog(str(path))
    assert len(log.more().run.series["loss"]) == ROWS - 1
    assert not log.more().run.series
    path.write_bytes(b"".join(pieces))
    growth = log.more()
    assert not growth.anew
    assert growth.run.series["loss"].values.tolist() == [pytest.approx(1 / ROWS)]


def test_a_file_that_began_anew_is_told_so_with_all_its_points(tmp_path: Path) -> None:
    name, pieces = lines()
    path = tmp_path / name
    path.write_bytes(b"".join(pieces))
    log = GrowingLog(str(path))
    assert not log.more().anew
    path.write_bytes(b"".join(pieces[:100]))
    growth = log.more()
    assert growth.anew
    assert len(growth.run.series["loss"]) == 100


def test_a_table_that_was_written_again_with_one_more_column_gives_the_new_column(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    path.write_text("step,loss\n" + "".join(f"{i},{1 / (i + 1)}\n" for i in range(60)))
    log = GrowingLog(str(path))
    assert len(log.more().run.series["loss"]) == 60
    path.write_text("step,loss,val\n" + "".join(f"{i},{1 / (i + 1)},{i if i > 60 else ''}\n" for i in range(70)))
    run = log.more().run
    assert len(run.series["loss"]) == 10
    assert run.series["val"].values.tolist() == list(range(61, 70))


def test_a_line_without_its_end_waits(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(b'{"step": 1, "loss": 2.5}\n{"step": 2, "loss": 1.25}\n{"step": 3, "lo')
    log = GrowingLog(str(path))
    assert log.more().run.series["loss"].values.tolist() == [2.5, 1.25]
    with path.open("ab") as file:
        _ = file.write(b'ss": 0.5}\n')
    assert log.more().run.series["loss"].values.tolist() == [0.5]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_file_with_a_byte_order_mark_loses_and_repeats_nothing(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "metrics.csv"
    rows = ["step,loss", *(f"{i},{1 / (i + 1)}" for i in range(100))]
    log = GrowingLog(str(path))
    steps: list[float] = []
    for count in (60, 80, 101):
        path.write_bytes("".join(f"{row}\n" for row in rows[:count]).encode(encoding))
        steps += log.more().run.series["loss"].steps.tolist()
    assert steps == list(range(100))


def test_a_file_that_is_gone_is_an_error(tmp_path: Path) -> None:
    name, pieces = lines()
    path = tmp_path / name
    path.write_bytes(b"".join(pieces))
    log = GrowingLog(str(path))
    _ = log.more()
    path.unlink()
    with pytest.raises(UnreadableLogError, match="cannot open"):
        _ = log.more()

"""JSON lines: every number arrives, and what was not a number is told apart."""

from __future__ import annotations

import json
import math
import random
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from traindx.errors import UnreadableLogError
from traindx.readers import LogFile
from traindx.readers.json_lines import READER
from traindx.run import Run

DATA = Path(__file__).parents[1] / "data" / "json_lines"


def read(data: bytes | str, path: str = "log.jsonl") -> Run:
    (run,) = READER.read(LogFile(path=path, data=data.encode() if isinstance(data, str) else data))
    return run


def test_the_sample_is_recognised_and_read_against_its_closed_form() -> None:
    log = LogFile(path="train.jsonl", data=(DATA / "train.jsonl").read_bytes())
    assert READER.recognises(log)
    (run,) = READER.read(log)
    loss = run.series["loss"]
    known = [step for step in range(40) if step != 9]
    assert loss.steps.tolist() == known
    assert math.isnan(loss.values[7])
    assert loss.values[8] == math.inf
    others = [index for index, step in enumerate(known) if step not in (7, 8)]
    expected = [round(0.5 + 2.0 / (1 + known[index]), 6) for index in others]
    assert loss.values[others].tolist() == expected
    assert loss.epochs[-1] == 3
    assert run.series["val/acc/0"].steps.tolist() == [9, 19, 29, 39]
    assert run.series["val/acc/0"].records.tolist() == [11, 22, 33, 44]
    assert (run.sources[0].rows, run.sources[0].skipped, run.sources[0].incomplete) == (44, (), "")


def test_the_axes_are_no_series_and_dense_series_share_their_arrays() -> None:
    rows = "".join(json.dumps({"step": s, "epoch": 0, "a": 1.0 * s, "b": 2.0 * s}) + "\n" for s in range(50))
    run = read(rows)
    assert list(run.series) == ["a", "b"]
    assert np.shares_memory(run.series["a"].steps, run.series["b"].steps)


def test_nan_infinity_null_and_absence_are_kept_apart() -> None:
    run = read('{"s":1,"x":NaN}\n{"s":2,"x":-Infinity}\n{"s":3,"x":null}\n{"s":4}\n{"s":5,"x":"nan"}\n{"s":6,"x":0}\n')
    x = run.series["x"]
    assert x.records.tolist() == [1, 2, 5, 6]
    assert np.isnan(x.values[[0, 2]]).all()
    assert x.values[1] == -math.inf
    assert x.values[3] == 0


def test_text_that_holds_numbers_is_a_number_and_other_text_among_numbers_is_counted() -> None:
    run = read(
        '{"step":1,"x":"21.229","name":"a"}\n{"step":2,"x":"oops","name":"b"}\n{"step":3,"x":"1e3","name":"c"}\n'
    )
    assert run.series["x"].values.tolist() == [21.229, 1000.0]
    (skip,) = run.sources[0].skipped
    assert (skip.count, skip.first) == (1, 2)
    assert "'x'" in skip.reason
    assert "name" not in run.series


def test_flags_and_media_are_no_series() -> None:
    run = read('{"step":1,"x":1,"done":false,"v":{"_type":"video-file","size":3}}\n' * 2)
    assert list(run.series) == ["x"]


def test_a_text_prefix_before_the_object_is_left_out_and_overflows_become_a_note() -> None:
    log = LogFile(path="prefixed.log", data=(DATA / "prefixed.log").read_bytes())
    assert READER.recognises(log)
    (run,) = READER.read(log)
    assert run.series["loss"].steps.tolist() == [10.0 * step for step in range(1, 9)]
    assert run.series["loss"].values[0] == 1.5
    assert run.series["loss"].records[0] == 2
    assert run.sources[0].ignored == 2
    assert run.notes == ("prefixed.log:1: 1 lines report a gradient overflow",)


def test_rows_of_a_validation_mode_get_a_prefix_and_training_rows_keep_their_names() -> None:
    rows = [{"mode": "train", "step": s, "loss": 1.0} for s in range(3)] + [{"mode": "val", "step": 2, "loss": 2.0}]
    run = read("".join(json.dumps(row) + "\n" for row in rows))
    assert run.series["loss"].values.tolist() == [1, 1, 1]
    assert run.series["val/loss"].values.tolist() == [2]
    assert run.series["val/loss"].steps.tolist() == [2]


def test_one_row_per_number_gives_one_series_per_name() -> None:
    rows = [{"metric": name, "value": float(s), "step": s} for s in range(4) for name in ("a", "b")]
    run = read("".join(json.dumps(row) + "\n" for row in rows))
    assert run.series["b"].values.tolist() == [0, 1, 2, 3]
    assert run.series["b"].records.tolist() == [2, 4, 6, 8]


def test_restarts_stay_in_the_order_of_the_file() -> None:
    run = read("".join(json.dumps({"step": s, "loss": 1.0}) + "\n" for s in (0, 1, 2, 1, 2, 3)))
    assert run.series["loss"].steps.tolist() == [0, 1, 2, 1, 2, 3]


def test_a_torn_record_in_the_middle_costs_that_record_alone() -> None:
    run = read('{"step":1,"x":1}\n{"step":2,"x{"step":3,"x":3}\nnot json\n{"step":4,"x":4}\n{"step":5,"x":5')
    assert run.series["x"].steps.tolist() == [1, 3, 4]
    assert run.sources[0].skipped[0].reason == "a record cut off by the next one"
    assert run.sources[0].incomplete == "the last record is cut off"
    assert run.sources[0].ignored == 1


def test_an_object_over_several_lines_does_not_shift_the_line_numbers_of_others() -> None:
    run = read('{"step":1,"x":1}\n\n{"step":2,"x":2}\n')
    assert run.series["x"].records.tolist() == [1, 3]


def test_every_truncation_reads_what_is_whole() -> None:
    data = (DATA / "train.jsonl").read_bytes()
    for part in range(1, 7):
        cut = data[: part * len(data) // 7]
        assert len(read(cut).series["loss"]) >= cut.count(b"\n") * 0.8


def test_mutations_never_raise_anything_else() -> None:
    data = (DATA / "train.jsonl").read_bytes()
    chance = random.Random(3)
    for _ in range(300):
        broken = bytearray(data)
        for _ in range(chance.randint(1, 8)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        with suppress(UnreadableLogError):
            assert read(bytes(broken)).sources[0].rows <= 44


@pytest.mark.parametrize(
    "line",
    [
        b'{"a":' * 100_000,
        b"[" * 1_000_000,
        b'{"step":1,"x":' + b"9" * 10_000 + b"}",
        b'{"step":1,"x":1e999}',
        b'{"' + b"k" * 10_000_000 + b'": 1}',
        b'{"\\' + b'"\\' * 200_000,
        b"\0" * 100_000,
        b'{"x": "' + b'{"' * 200_000,
        b"",
        b"{'" * 100_000,
    ],
    ids=["deep", "brackets", "digits", "range", "name", "escapes", "nul", "openings", "empty", "quotes"],
)
def test_hostile_lines_cost_only_themselves(line: bytes) -> None:
    start = time.process_time()
    run = read(b'{"step": 0, "loss": 1.0}\n' + line + b'\n{"step": 2, "loss": 2.0}\n')
    assert run.series["loss"].values[[0, -1]].tolist() == [1.0, 2.0]
    assert time.process_time() - start < 5.0


def test_numbers_too_large_for_a_double_are_infinite() -> None:
    run = read(b'{"s":1,"x":' + b"9" * 6000 + b'}\n{"s":2,"x":1e999}\n{"s":3,"x":-' + b"9" * 400 + b"}\n")
    assert run.series["x"].values.tolist() == [math.inf, math.inf, -math.inf]


def test_a_file_with_a_new_name_in_every_row_takes_linear_memory() -> None:
    run = read("".join(f'{{"step":{row},"m{row}":1.0}}\n' for row in range(20_000)))
    assert len(run.series) == 20_000
    assert run.series["m19999"].steps.tolist() == [19_999]


def test_sparse_rows_agree_with_a_plain_loop_over_the_standard_library() -> None:
    chance = random.Random(5)
    rows = [
        {"_step": step, **{name: chance.gauss(0, 1) for name in "abcdef" if chance.random() < 0.3}}
        for step in range(3000)
    ]
    run = read("".join(json.dumps(row) + "\n" for row in rows))
    for name in "abcdef":
        expected = [(row["_step"], row[name]) for row in rows if name in row]
        found = run.series[name]
        assert list(zip(found.steps.tolist(), found.values.tolist(), strict=True)) == expected

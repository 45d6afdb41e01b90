"""Tables of text in all their dialects and layouts, against what was written and what Python's own parser reads."""

from __future__ import annotations

import csv
import io
import math
import random
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from traindx.errors import UnreadableLogError
from traindx.readers.csv_table import READER
from traindx.readers.logfile import LogFile
from traindx.run import Run


def read(text: str | bytes, path: str = "x.csv") -> Run:
    runs = READER.read(LogFile(path=path, data=text if isinstance(text, bytes) else text.encode()))
    assert len(runs) == 1
    return runs[0]


def values(run: Run) -> dict[str, list[float]]:
    return {name: series.values.tolist() for name, series in run.series.items()}


@pytest.mark.parametrize("mark", [",", ";", "\t", "|", "  ", " , ", " ; "])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_cells_are_parted_by_any_usual_mark(mark: str, end: str) -> None:
    rows = [("step", "loss", "acc"), ("0", "2.5", "0.1"), ("10", "1.5e-3", "0.2"), ("20", "-0.25", "0.3")]
    run = read(end.join(mark.join(row) for row in rows) + end)
    assert values(run) == {"loss": [2.5, 1.5e-3, -0.25], "acc": [0.1, 0.2, 0.3]}
    assert run.series["loss"].steps.tolist() == [0, 10, 20]
    assert run.series["loss"].records.tolist() == [2, 3, 4]


def test_a_byte_order_mark_and_padding_are_no_part_of_names() -> None:
    assert list(read(b"\xef\xbb\xbf  step ,  train/loss \n 1 ,  0.5 \n").series) == ["train/loss"]


def test_utf16_is_read() -> None:
    assert values(read("step,loss\n1,0.5\n2,0.25\n".encode("utf-16"))) == {"loss": [0.5, 0.25]}


@pytest.mark.parametrize("blank", ["", "NA", "N/A", "null", "None", "--", " "])
def test_what_was_not_logged_is_absent(blank: str) -> None:
    series = read(f"step,loss,acc\n0,1,{blank}\n1,{blank},0.5\n2,{blank},\n").series
    assert (series["loss"].values.tolist(), series["loss"].steps.tolist()) == ([1], [0])
    assert (series["acc"].values.tolist(), series["acc"].records.tolist()) == ([0.5], [3])


def test_not_a_number_and_infinities_are_values() -> None:
    found = read("step,loss\n0,nan\n1,inf\n2,-inf\n3,-nan\n4,\n5,0\n").series["loss"]
    assert found.steps.tolist() == [0, 1, 2, 3, 5]
    assert math.isnan(found.values[0])
    assert found.values[1:3].tolist() == [math.inf, -math.inf]
    assert math.isnan(found.values[3])
    assert found.values[4] == 0.0


def test_decimal_commas_between_semicolons_are_numbers() -> None:
    text = "epoch;loss;acc\n0;0,5;10,25%\n1;0,25;1.234,5\n"
    assert values(read(text)) == {"loss": [0.5, 0.25], "acc": [10.25, 1234.5]}


def test_thousands_separators_in_quotes_are_numbers() -> None:
    assert values(read('step,tokens\n1,"1,234,567"\n2,"2,000"\n')) == {"tokens": [1_234_567, 2000]}


def test_the_same_number_twice_in_a_header_stays_two_series() -> None:
    assert values(read("step,loss,loss\n1,0.5,0.7\n")) == {"loss": [0.5], "loss (2)": [0.7]}


def test_comments_give_settings_and_are_counted() -> None:
    run = read("# lr: 0.1\n# optimizer = adam\nstep,loss\n1,0.5\n# saved\n2,0.25\n")
    assert {(s.name, s.value, s.source) for s in run.settings} == {
        ("lr", "0.1", "x.csv:1"),
        ("optimizer", "adam", "x.csv:2"),
    }
    assert values(run) == {"loss": [0.5, 0.25]}
    assert run.series["loss"].records.tolist() == [4, 6]
    assert run.sources[0].ignored == 3


def test_a_header_in_a_comment_names_the_columns() -> None:
    assert values(read("# epoch loss\n1 0.5\n2 0.25\n", "log.txt")) == {"loss": [0.5, 0.25]}


def test_numbers_without_header_get_numbered_columns_and_a_counting_one_is_the_step() -> None:
    run = read("0,2.5,7\n10,1.5,8\n20,1,9\n")
    assert values(run) == {"column 2": [2.5, 1.5, 1], "column 3": [7, 8, 9]}
    assert run.series["column 2"].steps.tolist() == [0, 10, 20]


def test_one_column_of_numbers_is_named_by_its_file() -> None:
    assert values(read("0.5\n0.25\n", "train_loss.csv")) == {"train_loss": [0.5, 0.25]}


def test_an_index_column_without_a_name_is_no_metric() -> None:
    assert values(read(",loss\n0,0.5\n1,0.25\n2,0.2\n")) == {"loss": [0.5, 0.25, 0.2]}
    assert read(",loss\n0,0.5\n1,0.25\n2,0.2\n").series["loss"].has_steps


def test_a_repeated_header_is_noted_and_its_rows_follow_in_order() -> None:
    run = read("step,loss\n0,3\n1,2\nstep,loss\n0,2.5\n1,1.5\n")
    assert run.series["loss"].values.tolist() == [3, 2, 2.5, 1.5]
    assert run.series["loss"].steps.tolist() == [0, 1, 0, 1]
    assert run.series["loss"].records.tolist() == [2, 3, 5, 6]
    assert "x.csv:4" in run.notes[0]


def test_a_new_header_puts_later_rows_under_its_names() -> None:
    run = read("step,loss\n0,3\n1,2\nstep,lr,loss\n2,0.1,1.5\n3,0.2,1\n")
    assert values(run) == {"loss": [3, 2, 1.5, 1], "lr": [0.1, 0.2]}
    assert run.series["lr"].steps.tolist() == [2, 3]


def test_rows_of_another_width_are_counted_with_their_first_line() -> None:
    run = read("step,loss\n0,3\n1,2,9\n2\n3,1\n")
    skip = run.sources[0].skipped[0]
    assert (skip.count, skip.first) == (2, 3)
    assert values(run) == {"loss": [3, 1]}


def test_a_word_among_numbers_is_counted_and_not_read() -> None:
    run = read("step,loss\n0,3\n1,oops\n2,1\n")
    assert values(run) == {"loss": [3, 1]}
    assert run.sources[0].skipped[0].count == 1
    assert run.sources[0].skipped[0].first == 3


def test_a_phase_column_parts_the_series() -> None:
    run = read("epoch,phase,loss\n0,train,3\n0,val,4\n1,train,2\n1,val,3\n")
    assert values(run) == {"loss": [3, 2], "val/loss": [4, 3]}
    assert run.series["val/loss"].records.tolist() == [3, 5]


def test_a_run_column_makes_several_runs() -> None:
    data = b"run,step,loss\na,0,3\nb,0,5\na,1,2\nb,1,4\n"
    runs = READER.read(LogFile(path="x.csv", data=data))
    assert [(run.name, run.series["loss"].values.tolist()) for run in runs] == [("a", [3, 2]), ("b", [5, 4])]
    assert [run.sources[0].rows for run in runs] == [2, 2]


def test_a_long_table_gives_one_series_per_name() -> None:
    run = read("step,metric,value\n0,loss,3\n0,acc,0.1\n1,loss,2\n1,acc,0.2\n")
    assert values(run) == {"loss": [3, 2], "acc": [0.1, 0.2]}
    assert run.series["acc"].steps.tolist() == [0, 1]
    assert run.series["acc"].records.tolist() == [3, 5]


def test_a_long_table_with_phases_keeps_them_apart() -> None:
    run = read("step,split,name,value\n0,train,loss,3\n0,val,loss,4\n1,train,loss,2\n1,val,loss,3\n")
    assert values(run) == {"loss": [3, 2], "val/loss": [4, 3]}


def test_a_scalar_downloaded_from_tensorboard_is_named_by_its_file() -> None:
    text = "Wall time,Step,Value\n1700000000.5,0,3\n1700000001.5,10,2\n"
    run = read(text, "run-train-tag-epoch_loss.csv")
    assert values(run) == {"epoch_loss": [3, 2]}
    assert run.series["epoch_loss"].wall_times.tolist() == [1700000000.5, 1700000001.5]
    assert list(read(text, "run-validation-tag-epoch_loss.csv").series) == ["val/epoch_loss"]


def test_dates_are_the_clock() -> None:
    run = read("date,step,loss\n2024-01-01 00:00:00,0,3\n2024-01-01 00:00:10,1,2\n")
    assert np.diff(run.series["loss"].wall_times).tolist() == [10]
    assert values(run) == {"loss": [3, 2]}


def test_one_word_all_along_is_a_setting_and_free_text_is_left_out() -> None:
    rows = "".join(f"{i},resnet,note number {i},{3 - i / 10}\n" for i in range(20))
    run = read("step,model,note,loss\n" + rows)
    assert [(s.name, s.value) for s in run.settings] == [("model", "resnet")]
    assert list(run.series) == ["loss"]


def test_a_drawn_table_is_read() -> None:
    run = read("| step | loss |\n|------|------|\n| 0 | 3 |\n| 1 | 2 |\n", "table.md")
    assert values(run) == {"loss": [3, 2]}


def test_quoted_cells_may_hold_marks_and_line_ends() -> None:
    run = read('step,note,loss\n0,"a, b",3\n1,"two\nlines",2\n2,"x",1\n')
    assert values(run) == {"loss": [3, 2, 1]}
    assert run.series["loss"].records.tolist() == [2, 3, 5]


def test_an_empty_file_and_a_lone_header_give_a_run_without_series() -> None:
    assert not read("").series
    assert not read("step,loss\n").series


def test_a_line_cut_off_at_the_end_is_told_and_the_rest_is_read() -> None:
    run = read("step,loss,acc\n0,3,0.1\n1,2,0.2\n2,1.")
    assert values(run) == {"loss": [3, 2], "acc": [0.1, 0.2]}
    assert "line (4) is cut off" in run.sources[0].incomplete
    assert not run.sources[0].skipped


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("epoch 1 loss 0.5\nepoch 2 loss 0.4\n", "train.log"),
        ('{"step": 1, "loss": 0.5}\n{"step": 2, "loss": 0.4}\n', "log.jsonl"),
        ("[INFO] started, all well\nnothing here, really\n", "train.log"),
        ("step: 1, loss: 0.5, lr: 0.1\nstep: 2, loss: 0.4, lr: 0.1\n", "out.txt"),
    ],
)
def test_other_logs_are_left_to_their_readers(text: str, path: str) -> None:
    assert not READER.recognises(LogFile(path=path, data=text.encode()))


@pytest.mark.parametrize("text", ["step,loss\n1,2\n2,3\n", "epoch loss\n1 0.5\n2 0.4\n", "1\t2\n2\t3\n"])
def test_tables_are_recognised_whatever_the_file_is_called(text: str) -> None:
    assert READER.recognises(LogFile(path="<stdin>", data=text.encode()))


NUMBERS = st.one_of(st.none(), st.floats(), st.floats(width=32), st.integers(-(10**15), 10**15).map(float))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), min_size=1, max_size=30), st.sampled_from([",", ";", "\t"]))
def test_every_number_comes_back_to_the_last_bit(rows: list[tuple[float | None, ...]], mark: str) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=mark)
    writer.writerow(["step", "a", "b", "c"])
    writer.writerows([i, *("" if v is None else repr(v) for v in row)] for i, row in enumerate(rows))
    series = read(out.getvalue()).series
    for at, name in enumerate("abc"):
        wanted = [(i, row[at]) for i, row in enumerate(rows) if row[at] is not None]
        if not wanted:
            assert name not in series
            continue
        assert np.array_equal(series[name].values, [v for _, v in wanted], equal_nan=True)
        assert series[name].steps.tolist() == [i for i, _ in wanted]


@pytest.mark.parametrize("spoil", [lambda i: "", lambda i: "#c\n" if i % 9_999 == 0 else "", lambda i: ",NA"])
def test_large_tables_read_the_same_in_pieces(spoil: Callable[[int], str]) -> None:
    extra = ",extra" if spoil(1) else ""
    lines = [f"{spoil(i) if not extra else ''}{i},{i / 7!r}{spoil(i) if extra else ''}" for i in range(60_000)]
    loss = read(f"step,loss{extra}\n" + "\n".join(lines) + "\n").series["loss"]
    assert np.array_equal(loss.steps, np.arange(60_000))
    assert np.array_equal(loss.values, np.arange(60_000) / 7)
    assert np.all(np.diff(loss.records) >= 1)
    assert loss.records[0] == (3 if spoil(0).startswith("#") else 2)


SAMPLE = b"epoch,step,split,loss,lr,date\n" + b"".join(
    b"%d,%d,%s,%f,,2024-01-01 10:00:%02d\n" % (i // 5, i, b"train" if i % 3 else b"val", 1 / (i + 1), i)
    for i in range(40)
)
QUOTED = b"step;metric;value;run\n" + b"".join(
    b'%d;"lo;ss%d";"%d,%d";r%d\n' % (i, i % 3, i, i, i % 2) for i in range(30)
)


@pytest.mark.parametrize("data", [SAMPLE, QUOTED])
def test_cut_and_damaged_tables_never_fail_otherwise(data: bytes) -> None:
    chance = random.Random(7)
    pieces = [data[: len(data) * k // 7] for k in range(8)]
    for _ in range(300):
        bad = bytearray(data)
        for _ in range(chance.randint(1, 5)):
            at = chance.randrange(len(bad))
            bad[at : at + chance.choice((0, 1, 9))] = chance.choice(
                (b'"', b",", b"\n", b"\r", b"\0", b"#", b"1e999", b"\xff\xfe", b";;;", b"step,loss\n", b"")
            )
        pieces.append(bytes(bad))
    for piece in pieces:
        log = LogFile(path="x.csv", data=piece)
        assert READER.recognises(log) in (True, False)
        try:
            runs = READER.read(log)
        except UnreadableLogError:
            continue
        assert all(len(series) for run in runs for series in run.series.values())


@pytest.mark.parametrize(
    "data",
    [
        b"\n" * 100_000,
        b'a,b\n"' + b"x,\n" * 100_000,
        b"9" * 300_000,
        b"a,b\n1," + b"2" * 300_000 + b"\n3,4\n",
        b"[" * 300_000,
        b" " * 300_000,
        b"step,w\n" + b"".join(b"%d,w%d\n" % (i, i) for i in range(20_000)),
    ],
)
def test_hostile_files_give_a_run_in_bounded_time(data: bytes) -> None:
    assert len(READER.read(LogFile(path="x.csv", data=data))) == 1


def test_a_table_of_too_many_columns_is_refused_with_its_place() -> None:
    with pytest.raises(UnreadableLogError, match=r"x\.csv:1: the table has 100001 columns"):
        READER.read(LogFile(path="x.csv", data=b"," * 100_000 + b"\n"))


def test_thousands_of_columns_are_read() -> None:
    head = b",".join(b"column_name_%d" % i for i in range(8_000))
    run = read(head + b"\n" + b"\n".join(b",".join(b"%d" % i for i in range(8_000)) for _ in range(3)) + b"\n")
    assert len(run.series) == 8_000
    assert run.series["column_name_7999"].values.tolist() == [7999] * 3


def test_lines_of_prose_above_a_table_are_passed_over() -> None:
    text = "Results of the long run\n\nstep,loss,acc\n" + "".join(f"{i},{3 - i},0.5\n" for i in range(8))
    run = read(text)
    assert values(run)["loss"] == [3 - i for i in range(8)]
    assert run.series["acc"].records[0] == 4


def test_a_short_first_section_is_not_taken_for_prose() -> None:
    text = "step,loss\n0,9\nstep,loss,acc\n" + "".join(f"{i},{3 - i},0.5\n" for i in range(1, 9))
    assert values(read(text))["loss"] == [9] + [3 - i for i in range(1, 9)]


def test_a_cell_of_blanks_alone_is_never_a_number() -> None:
    rows = "".join(f"{i},{'  ' if i % 2 else ''},{i}\n" for i in range(100))
    assert values(read("step,loss,acc\n" + rows)) == {"acc": list(range(100))}


@pytest.mark.parametrize("encoding", ["utf-16-le", "gb18030", "utf-8"])
def test_names_in_other_scripts_are_read_in_their_encoding(encoding: str) -> None:
    text = "step,训练损失,验证准确率\n" + "".join(f"{i},{3 - i},0.5\n" for i in range(3))
    assert values(read(text.encode(encoding)))["训练损失"] == [3, 2, 1]


def test_a_clock_in_a_row_index_without_a_name_is_no_reason_to_fail() -> None:
    rows = "".join(f"2024-03-0{day},{day},{9 - day}\n" for day in range(1, 8))
    for head in (",column 2,loss\n", ",step,loss\n", "Unnamed: 0,,loss\n"):
        run = read(head + rows)
        assert run.series["loss"].values.tolist() == [8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0]

"""CSV, TSV and JSON lines: typed by the first rows, every later surprise said by its row."""

from __future__ import annotations

import csv
import io
import json
import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from traindx.arrays import open_array, open_arrays, read_around
from traindx.errors import UnreadableDataError

RNG = np.random.default_rng(6)


@pytest.mark.slow
def test_columns_of_many_blocks_are_those_of_pandas(tmp_path: Path) -> None:
    rows = 60_000
    frame = pd.DataFrame(
        {
            "x": RNG.normal(size=rows),
            "n": RNG.integers(0, 1000, size=rows),
            "note": [f"row {i}" if i % 3 else 'with "quotes", a comma\nand a line' for i in range(rows)],
        }
    )
    frame.loc[5, "x"] = np.nan
    frame.to_csv(tmp_path / "a.csv", index=False)
    sources = pickle.loads(pickle.dumps(dict(open_arrays(tmp_path / "a.csv"))))
    assert {name: (source.kind, len(source)) for name, source in sources.items()} == {
        "x": ("number", rows),
        "n": ("number", rows),
        "note": ("text", rows),
    }
    assert len({source.table for source in sources.values()} - {""}) == 1
    for start, stop in [(0, rows), (30_000, 30_010), (59_990, 99_999), (4, 6)]:
        for name, source in sources.items():
            np.testing.assert_array_equal(source.read(start, stop), frame[name].to_numpy()[start:stop])


@pytest.mark.parametrize(("name", "mark"), [("a.tsv", "\t"), ("a.csv", ";"), ("a.csv", "|"), ("a.csv", ",")])
def test_the_mark_between_cells_is_found(tmp_path: Path, name: str, mark: str) -> None:
    (tmp_path / name).write_text(f"a{mark}b\r\n1{mark}x\r\n\r\n2{mark}y\r\n")
    sources = open_arrays(tmp_path / name)
    assert sources["a"].read(0, 9).tolist() == [1.0, 2.0]
    assert sources["b"].read(0, 9).tolist() == ["x", "y"]


def test_numbers_without_a_header_are_numbered_columns(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("1,2\n3,nan\n-inf,NA")
    sources = open_arrays(tmp_path / "a.csv")
    np.testing.assert_array_equal(sources["0"].read(0, 3), [1, 3, -np.inf])
    np.testing.assert_array_equal(sources["1"].read(0, 3), [2, np.nan, np.nan])


def test_odd_names_and_marks_of_order_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"\xef\xbb\xbfx,x,,\xc3\xa9\n1,2,3,4\n")
    assert list(open_arrays(tmp_path / "a.csv")) == ["x", "x.2", "column 2", "é"]


def test_a_column_that_turns_to_text_is_said_by_its_row_and_the_others_go_on(tmp_path: Path) -> None:
    lines = [f"{i},{i}\n" for i in range(200_000)]
    lines[150_000] = "150000,oops\n"
    (tmp_path / "a.csv").write_text("a,b\n" + "".join(lines))
    sources = open_arrays(tmp_path / "a.csv")
    with pytest.raises(UnreadableDataError, match=r"a\.csv:b row 150000: 'oops' is no number"):
        sources["b"].read(149_990, 150_010)
    assert sources["a"].read(150_000, 150_001).tolist() == [150_000.0]
    kept = sum(len(piece[1]) for piece in read_around(sources["b"], 0, 200_000) if isinstance(piece, tuple))
    assert 50_000 < kept < 200_000


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"a,b\n1,2\n3\n", r"a\.csv rows 0-1: row 1 has 1 cells, and the first line 2"),
        (b"a,b\n1\n3,4,5\n", r"row 0 has 1 cells"),
        (b"name\nM\xfcller\n", r"a\.csv: is not UTF-8 text: byte 0xfc"),
        (b'a,b\n1,"2\n', r"a\.csv: ends inside a quoted cell"),
        (b"\n\n\n", r"a\.csv: holds no rows"),
        (b"", r"a\.csv: an empty file"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, data: bytes, problem: str) -> None:
    (tmp_path / "a.csv").write_bytes(data)
    with pytest.raises(UnreadableDataError, match=problem):
        next(iter(open_arrays(tmp_path / "a.csv").values())).read(0, 9)


def test_bytes_that_are_no_text_far_into_the_file_are_said_with_their_rows(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"a\n" + b"x\n" * 700_000 + b"\xff\n")
    source = open_array(tmp_path / "a.csv")
    assert source.read(0, 2).tolist() == ["x", "x"]
    with pytest.raises(UnreadableDataError, match="is not UTF-8 text"):
        source.read(700_000, 700_001)


def test_random_tables_are_read_as_the_csv_module_reads_them(tmp_path: Path) -> None:
    alphabet = ["a", "1", " ", '"', "\n", ",", "é", ""]
    for turn in range(60):
        rng = np.random.default_rng(turn)
        rows = [["".join(rng.choice(alphabet, size=4)) for _ in range(3)] for _ in range(20)]
        rows[0] = ["x", "y", "z"]
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\r\n" if turn % 2 else "\n").writerows(rows)
        (tmp_path / "a.csv").write_bytes(text.getvalue().encode())
        sources = open_arrays(tmp_path / "a.csv")
        for number, name in enumerate("xyz"):
            if sources[name].kind == "text":
                assert sources[name].read(0, 99).tolist() == [row[number] for row in rows[1:]], turn


def test_records_become_columns_by_the_type_of_the_first(tmp_path: Path) -> None:
    records = [
        {"id": 1, "ok": True, "loss": 0.5, "text": "a", "in": {"x": 1}, "vector": [1, 2.5], "tokens": [1, 2]},
        {"id": 2, "ok": None, "text": None, "in": {}, "vector": [3, 4], "tokens": [3], "late": 1},
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, records)) + "\n\n")
    sources = open_arrays(tmp_path / "a.jsonl")
    nan = np.nan
    for name, expected in {
        "id": [1, 2],
        "ok": [1, nan],
        "loss": [0.5, nan],
        "in.x": [1, nan],
        "late": [nan, 1],
    }.items():
        np.testing.assert_array_equal(sources[name].read(0, 2), expected)
    assert sources["text"].read(0, 2).tolist() == ["a", ""]
    assert sources["vector"].read(0, 2).tolist() == [[1, 2.5], [3, 4]]
    assert sources["tokens"].kind == "list"
    assert [row.tolist() for row in sources["tokens"].read(0, 2)] == [[1, 2], [3]]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"a": 1}\n{"a": \n', r"a\.jsonl row 1: is no JSON"),
        ("[1]\n", r"a\.jsonl row 0: is no record"),
        ("[" * 100_000, r"a\.jsonl row 0: is no JSON"),
        ("\n\n", r"a\.jsonl: holds no records"),
    ],
)
def test_a_line_that_is_no_record_is_said_by_its_row(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "a.jsonl").write_text(text)
    with pytest.raises(UnreadableDataError, match=problem):
        open_arrays(tmp_path / "a.jsonl")


def test_a_value_of_another_type_is_said_by_its_row(tmp_path: Path) -> None:
    lines = ['{"a": 1, "v": [1, 2]}'] * 100_000 + ['{"a": "x", "v": [1]}'] + ['{"a": 1' + "0" * 400 + ', "v": [1, 2]}']
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    sources = open_arrays(tmp_path / "a.jsonl")
    for name in sources:
        with pytest.raises(UnreadableDataError, match=rf"a\.jsonl:{name} row 100000: .* is not what"):
            sources[name].read(99_999, 100_001)


def test_columns_that_are_read_together_are_decoded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from traindx.arrays.formats import csv_table

    decoded: list[str] = []
    once = csv_table.lines_at
    monkeypatch.setattr(csv_table, "lines_at", lambda path, group: decoded.append(str(group)) or once(path, group))
    lines = "".join(f"{i},{'x' * (i % 50)},{i % 3}\n" for i in range(100_000))
    (tmp_path / "a.csv").write_text("a,b,c\n" + lines)
    sources = list(open_arrays(tmp_path / "a.csv").values())
    rows = sources[0].block_rows
    for start in range(0, 100_000, rows):
        for source in sources:
            source.read(start, start + rows)
    assert len(decoded) == len(set(decoded)) > 3

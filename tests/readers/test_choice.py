"""The choice of a reader: the first that finds numbers, and a refusal that helps where none does."""

from __future__ import annotations

import io
import pickle
import zipfile

import pytest

from traindx.errors import UnreadableLogError
from traindx.readers import LogFile, Reader
from traindx.readers.choice import read_log
from traindx.run import Run, Series, Source


def _run(log: LogFile, *values: float) -> Run:
    series = {"loss": Series(name="loss", values=list(values), steps=range(len(values)))} if values else {}  # type: ignore[arg-type]
    return Run(name=log.name, series=series, sources=(Source(path=log.path, format="test"),))


def _failing(log: LogFile) -> list[Run]:
    raise UnreadableLogError("first failure", where=log.path, hint="h")


FAILS = Reader(name="fails", recognises=lambda _: True, read=_failing)
EMPTY = Reader(name="empty", recognises=lambda _: True, read=lambda log: [_run(log)])
FULL = Reader(name="full", recognises=lambda _: True, read=lambda log: [_run(log, 1.0)])
BLIND = Reader(name="blind", recognises=lambda _: False, read=_failing)


def test_a_reader_that_fails_gives_way_to_the_next() -> None:
    assert len(read_log(LogFile("a.log", b"x"), (BLIND, FAILS, EMPTY, FULL))[0].series) == 1


def test_an_empty_reading_stands_where_nobody_finds_more() -> None:
    runs = read_log(LogFile("a.log", b"x"), (EMPTY, FAILS))
    assert [len(run.series) for run in runs] == [0]


def test_the_error_of_the_reader_that_is_surest_is_told() -> None:
    with pytest.raises(UnreadableLogError, match="first failure"):
        read_log(LogFile("a.log", b"x"), (BLIND, FAILS))


def test_what_opening_learnt_is_told_in_the_source() -> None:
    log = LogFile("a.log.gz", b"x", truncated="the gzip stream is torn")
    assert read_log(log, (FULL,))[0].sources[0].incomplete == "the gzip stream is torn"


def _zip(name: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, b"x")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "found"),
    [
        ("model.pt", _zip("model/data.pkl"), "a checkpoint"),
        ("renamed.log", _zip("model/data.pkl"), "a checkpoint"),
        ("model.safetensors", b'\x40\0\0\0\0\0\0\0{"a":1}', "a checkpoint"),
        ("weights", b'\x40\0\0\0\0\0\0\0{"a":1}', "a checkpoint"),
        ("state.pkl", pickle.dumps({"loss": [1.0]}), "a checkpoint"),
        ("state.log", pickle.dumps({"loss": [1.0]}), "a checkpoint"),
        ("curve.png", b"\x89PNG\r\n\x1a\n", "an image"),
        ("curve.log", b"\xff\xd8\xff\xe0", "an image"),
        ("train.py", b"loss = 3.0\nprint(loss)\n", "source code"),
        ("logs.zip", _zip("train.log"), "an archive"),
        ("hparams.yaml", b"lr: 0.1\n", "a settings file"),
        ("empty.log", b"", "the file is empty"),
        ("blank.csv", b" \n\n", "the file is empty"),
    ],
)
def test_what_is_no_log_is_named_with_what_to_give_instead(name: str, data: bytes, found: str) -> None:
    with pytest.raises(UnreadableLogError, match=found) as caught:
        read_log(LogFile(name, data), ())
    assert caught.value.where == name
    assert "expected a training log" in caught.value.problem
    assert caught.value.hint


def test_text_without_a_metric_is_refused_with_the_way_out() -> None:
    with pytest.raises(UnreadableLogError, match="no metric found") as caught:
        read_log(LogFile("notes.txt", b"Dear diary, today I trained a model.\n"), ())
    assert "name=value" in caught.value.hint


def test_a_pickle_is_never_unpickled() -> None:
    class Bomb:
        def __reduce__(self) -> tuple[object, ...]:
            return (pytest.fail, ("it was unpickled",))

    with pytest.raises(UnreadableLogError, match="never opened"):
        read_log(LogFile("a.bin", pickle.dumps(Bomb())))

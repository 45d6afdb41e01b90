from __future__ import annotations

import click
import pytest

from traindx.cli.guard import Guard
from traindx.errors import UnreadableLogError, UsageError


def ended_by(error: BaseException) -> int:
    guard = Guard()
    with guard:
        raise error
    return guard.code


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("no such fact"), 2),
        (UnreadableLogError("not a log", where="x.log:3", hint="try doctor"), 2),
        (click.UsageError("no such option"), 2),
        (FileNotFoundError(2, "No such file", "there/report.json"), 2),
        (BrokenPipeError(), 0),
        (KeyboardInterrupt(), 130),
        (click.Abort(), 130),
        (RuntimeError("surprise"), 4),
        (RecursionError("deep"), 4),
    ],
)
def test_every_end_has_its_exit_code(error: BaseException, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended_by(error) == code
    assert capsys.readouterr().out == ""


def test_a_foreseen_error_tells_place_and_hint(capsys: pytest.CaptureFixture[str]) -> None:
    ended_by(UnreadableLogError("not a log", where="x.log:3", hint="try doctor"))
    assert capsys.readouterr().err == "error: x.log:3: not a log\nhint: try doctor\n"


def test_a_bug_is_told_in_two_lines_with_what_to_report(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TRAINDX_DEBUG", raising=False)
    ended_by(RuntimeError("surprise\x1b[31m"))
    told = capsys.readouterr().err
    assert told.count("\n") == 2
    assert "RuntimeError: surprise [test_guard.py:" in told
    assert "please report it" in told
    assert "Traceback" not in told


def test_the_traceback_is_shown_on_request(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAINDX_DEBUG", "1")
    ended_by(RuntimeError("surprise"))
    assert "Traceback (most recent call last)" in capsys.readouterr().err


def test_an_exit_passes_through() -> None:
    with pytest.raises(SystemExit, match="7"):
        ended_by(SystemExit(7))

"""Watching in lines: one for each change, a sign of life, and an end where one was asked for."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from traindx.cli.app import app
from traindx.cli.request import Request
from traindx.cli.watch_lines import watch_in_lines
from traindx.cli.watching import Watching, observer_of
from traindx.live import Following
from traindx.render import Look


def rows(first: int, last: int, *, nan_from: int = 10**9) -> str:
    return "".join(
        f"{i},{'nan' if i >= nan_from else f'{0.3 + 3 * 0.97**i + 0.02 * (i % 3):.4f}'}\n" for i in range(first, last)
    )


def watched(
    path: Path, events: list[Callable[[], object]], *, told: Watching | None = None, step_s: float = 1.0
) -> tuple[int, list[str]]:
    """Watch while something happens between the looks; end after the last event. Time passes by itself, ``step_s`` a look."""
    request = Request(paths=(str(path),))
    lines: list[str] = []
    now = [1000.0]
    observer = observer_of(request, str(path))
    observer.share, observer.following = (
        1e9,
        Following(path, share=0),
    )  # looks follow each other without any time between

    def sleep(_: float) -> None:
        now[0] += step_s
        if not events:
            raise KeyboardInterrupt
        _ = events.pop(0)()

    try:
        code = watch_in_lines(
            observer,
            request,
            told or Watching(),
            Look(),
            write=lines.append,
            sleep=sleep,
            clock=lambda: now[0],
        )
    except KeyboardInterrupt:
        code = 130
    return code, [re.sub(r"^\d\d:\d\d:\d\d ", "", line).rstrip("\n") for line in lines]


def test_a_log_is_waited_for_then_told_by_its_changes_alone(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    nothing = lambda: None  # noqa: E731 - a look at which nothing has happened
    code, lines = watched(
        path,
        [
            lambda: path.write_text("step,loss\n" + rows(0, 60)),
            nothing,
            lambda: path.write_text("step,loss\n" + rows(0, 120, nan_from=80)),
            nothing,
            nothing,
            path.unlink,
        ],
    )
    assert code == 130
    assert lines[0] == f"? {path}: there is no such file or directory"
    assert lines[1] == "? there is a log to read now"
    assert lines[2].startswith("✔ HEALTHY  metrics · step 59: ")
    failing = next(at for at, line in enumerate(lines) if line.startswith("✖ FAILING  metrics · step 119: "))
    assert lines[failing + 1].startswith("  do now: ")
    assert lines[failing + 2].startswith("  appeared ✖ NAN001 ")
    assert lines[-1].endswith("there is no such file or directory")
    assert len([line for line in lines if "FAILING" in line]) == 1


def test_a_quiet_run_gives_a_sign_of_life_once_a_minute(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    path.write_text("step,loss\n" + rows(0, 60))
    _, lines = watched(path, [lambda: None] * 130)
    pulses = [line for line in lines if "nothing new for" in line]
    assert len(pulses) == 2
    assert "step 59 · loss 0." in pulses[0]
    assert not [
        line for line in watched(path, [lambda: None] * 130, told=Watching(pulse_s=0))[1] if "nothing new" in line
    ]


def test_a_finding_that_stands_when_growth_ends_is_told_though_no_judgement_follows(tmp_path: Path) -> None:
    """A finding that is not sure waits for a second judgement, which a log that has ended never gives."""
    path = tmp_path / "metrics.csv"
    path.write_text("step,loss,lr\n" + "".join(f"{i},{3 * 0.97**i + 0.3},1e-4\n" for i in range(10)))
    more = "step,loss,lr\n" + "".join(f"{i},{3 * 0.97**i + 0.3},1e-4\n" for i in range(200))
    _, lines = watched(path, [lambda: path.write_text(more), *[lambda: None] * 15])
    assert [line for line in lines if line.startswith("  appeared ● OPT002")]


def test_until_done_ends_when_nothing_comes_or_when_the_plan_is_fulfilled(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    path.write_text("step,loss\n" + rows(0, 60))
    code, lines = watched(path, [lambda: None] * 100, told=Watching(until_done=True, idle_s=30))
    assert code == 0
    assert lines
    path.write_text("step,loss\n" + rows(0, 120, nan_from=80))
    os.utime(path, (1, 1))  # long ago
    code, _ = watched(path, [], told=Watching(until_done=True, idle_s=30))
    assert code == 1


def test_until_done_does_not_wait_for_ever_for_a_log_that_never_comes_or_was_deleted(tmp_path: Path) -> None:
    told = Watching(until_done=True, idle_s=30)
    code, lines = watched(tmp_path / "never.csv", [lambda: None] * 100, told=told)
    assert code == 2
    assert len(lines) == 1
    path = tmp_path / "metrics.csv"
    path.write_text("step,loss\n" + rows(0, 60))
    code, _ = watched(path, [path.unlink, *[lambda: None] * 100], told=told)
    assert code == 2


def test_a_pipe_is_refused_since_reading_it_waits_for_ever(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    answer = run("--once", str(tmp_path / "pipe"))
    assert answer.exit_code == 2
    assert "a pipe or a device cannot be followed" in answer.output


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["watch", *arguments, "--no-config"])


def test_once_says_what_there_is_and_exits_as_check_does(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    assert run(str(path), "--once").exit_code == 2
    path.write_text("step,loss\n" + rows(0, 60))
    healthy = run(str(path), "--once")
    assert healthy.exit_code == 0
    assert "✔ HEALTHY" in healthy.stdout
    path.write_text("step,loss\n" + rows(0, 120, nan_from=80))
    assert run(str(path), "--once").exit_code == 1
    assert run(str(path), "--once", "--fail-on", "never").exit_code == 0


def test_wrong_facts_are_said_at_once_and_a_series_that_is_not_there_yet_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    path.write_text("step,loss\n" + rows(0, 60))
    assert "unknown fact 'nonsense'" in run(str(path), "--once", "--set", "nonsense=1").output
    waiting = run(str(path), "--once", "--metric", "closs")
    assert waiting.exit_code == 2
    assert "closs" in waiting.stdout


@pytest.mark.slow
def test_without_a_terminal_lines_come_as_they_are_said(tmp_path: Path) -> None:
    """The real command, its output a pipe: each line arrives when it is true, and Ctrl-C ends it."""
    path = tmp_path / "metrics.csv"
    command = [sys.executable, "-c", "from traindx.cli import main; main()", "watch", str(path), "--interval", "0.05"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path) as watching:
        try:
            assert watching.stdout is not None
            assert "no such file" in watching.stdout.readline()
            path.write_text("step,loss\n" + rows(0, 60))
            _ = watching.stdout.readline()
            assert "HEALTHY" in watching.stdout.readline()
            time.sleep(0.1)
            watching.send_signal(2)
            assert watching.wait(20) == 130
        finally:
            watching.kill()

"""What only a real process shows: imports, pipes, encodings, signals."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BROKEN = str(ROOT / "examples" / "broken_clip.log")
START = "import sys; from traindx.cli import main; main()"


def started(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    kept = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "PYTHONPATH", "SYSTEMROOT")}
    command = [sys.executable, "-W", "error", "-c", START, *arguments]
    return subprocess.run(command, capture_output=True, env=kept | environment, check=False, timeout=60)


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("check", "--help"), ("nonsense",)])
def test_help_imports_neither_numpy_nor_rich(arguments: tuple[str, ...]) -> None:
    code = f"""
import sys
sys.argv = ["traindx", *{list(arguments)!r}]
from traindx.cli import main
try:
    main()
except SystemExit:
    pass
heavy = {{"numpy", "rich", "msgspec", "jinja2"}} & set(sys.modules)
sys.exit(",".join(heavy) or 0)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, timeout=60, cwd="/")
    assert done.returncode == 0, done.stderr


def test_json_needs_no_rich() -> None:
    code = f"""
import sys
sys.argv = ["traindx", {BROKEN!r}, "--format", "json", "--exit-zero"]
from traindx.cli import main
try:
    main()
except SystemExit:
    pass
sys.exit("rich" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr


def test_a_pipe_without_a_terminal_is_plain_80_columns_and_says_nothing_else() -> None:
    done = started(BROKEN, PYTHONIOENCODING="utf-8")
    assert done.returncode == 1
    assert done.stderr == b""
    assert b"\x1b" not in done.stdout
    assert "✖ FAILING" in done.stdout.decode()


def test_colour_can_be_forced_and_a_dumb_terminal_or_no_color_wins() -> None:
    assert b"\x1b[" in started(BROKEN, FORCE_COLOR="1").stdout
    assert b"\x1b[" not in started(BROKEN, FORCE_COLOR="1", NO_COLOR="1").stdout
    assert b"\x1b[" not in started(BROKEN, FORCE_COLOR="1", TERM="dumb").stdout
    assert b"\x1b[" in started(BROKEN, "--color", NO_COLOR="1").stdout


@pytest.mark.parametrize("encoding", ["latin-1", "ascii", "cp1252"])
def test_a_stream_that_cannot_draw_gets_ascii(encoding: str) -> None:
    done = started(BROKEN, PYTHONIOENCODING=encoding)
    assert done.returncode == 1
    text = done.stdout.decode(encoding)
    assert text.startswith("x FAILING")
    assert "-- Findings" in text


def test_json_is_utf_8_whatever_the_stream_is() -> None:
    done = started(BROKEN, "--format", "json", PYTHONIOENCODING="ascii")
    done.stdout.decode("utf-8")
    assert done.stderr == b""


def test_a_reader_that_goes_away_is_no_error() -> None:
    read, write = os.pipe()
    command = [sys.executable, "-c", START, BROKEN, "--format", "json"]
    process = subprocess.Popen(command, stdout=write, stderr=subprocess.PIPE)
    os.close(write)
    os.close(read)
    _, told = process.communicate(timeout=60)
    assert told == b""
    assert process.returncode == 1


def test_completion_is_offered_for_commands() -> None:
    done = started(_TRAINDX_COMPLETE="bash_complete", COMP_WORDS="traindx do", COMP_CWORD="1")
    assert b"doctor" in done.stdout


def test_a_small_log_is_judged_quickly() -> None:
    started(BROKEN)
    took = []
    for _ in range(3):
        start = time.perf_counter()
        started(BROKEN)
        took.append(time.perf_counter() - start)
    assert min(took) < 3.0  # half a second on an idle core; the bound allows for a shared one

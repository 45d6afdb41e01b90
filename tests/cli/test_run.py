"""A program under ``traindx run``: its bytes, its exit, its signals and its end, with real processes."""

from __future__ import annotations

import http.server
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

RUN = [sys.executable, "-c", "from traindx.cli import main; main()", "run", "--interval", "0.05", "--no-config"]
TRAINING = """
import math, signal, sys, time
nan_at, stubborn = int(sys.argv[1]), sys.argv[2:] == ["stubborn"]
if stubborn:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
try:
    for step in range(20_000):
        loss = math.nan if step >= nan_at else 0.5 + 3 * 0.97**step + 0.02 * (step % 3)
        print(f"step {step} | loss {loss:.4f}", flush=True)
        time.sleep(0.002)
except KeyboardInterrupt:
    print("saved before the end", flush=True)
    sys.exit(7)
"""


def traindx_run(*arguments: str, cwd: Path, **options: object) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*RUN, *arguments], cwd=cwd, capture_output=True, timeout=60, check=False, **options)  # type: ignore[call-overload,no-any-return]


def python(code: str, *arguments: str) -> list[str]:
    return ["--", sys.executable, "-c", code, *arguments]


def test_every_byte_passes_through_and_the_exit_code_is_the_programs(tmp_path: Path) -> None:
    code = (
        "import os, sys\n"
        "data = bytes(range(256)) * 5000\n"
        "sys.stdout.buffer.write(data); sys.stderr.buffer.write(b'\\x00\\xff' * 999 + b'\\n')\n"
        "sys.stdout.buffer.write(sys.stdin.buffer.read())\n"
        "sys.exit(3)"
    )
    done = traindx_run(*python(code), cwd=tmp_path, input=b"typed\n")
    assert done.returncode == 3
    assert done.stdout == bytes(range(256)) * 5000 + b"typed\n"
    assert done.stderr.startswith(b"\x00\xff" * 999)
    assert b"traindx: the output is kept in .traindx/runs/" in done.stderr
    (kept,) = tmp_path.glob(".traindx/runs/*/output.log")
    assert sorted(kept.read_bytes()) == sorted(done.stdout + b"\x00\xff" * 999 + b"\n")


def test_output_comes_when_it_is_printed_and_python_holds_nothing_back(tmp_path: Path) -> None:
    code = "import time\nprint('first')\ntime.sleep(30)"
    with subprocess.Popen(
        [*RUN, *python(code)], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == b"first\n"
        running.send_signal(signal.SIGTERM)
        assert running.wait(30) == 128 + signal.SIGTERM


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "code"),
    [(["sh", "-c", "kill -9 $$"], 137), (["./absent"], 127), (["./plain.txt"], 126)],
)
def test_the_exit_code_is_that_of_a_shell(tmp_path: Path, command: list[str], code: int) -> None:
    (tmp_path / "plain.txt").write_text("not a program")
    assert traindx_run("--", *command, cwd=tmp_path).returncode == code


@pytest.mark.slow
def test_a_run_that_is_lost_is_stopped_gently_and_the_exit_code_is_1(tmp_path: Path) -> None:
    done = traindx_run("--stop-on", "NAN", "--log", "out.log", *python(TRAINING, "60"), cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout.endswith(b"saved before the end\n")
    told = done.stderr.decode()
    assert "✖ FAILING" in told
    assert "stopping the program: NAN001" in told
    assert (tmp_path / "out.log").read_bytes() == done.stdout


@pytest.mark.slow
def test_a_program_that_will_not_end_is_killed_after_its_grace_with_all_it_started(tmp_path: Path) -> None:
    script = tmp_path / "train.py"
    script.write_text(TRAINING)
    alive = tmp_path / "alive"
    command = f"(while :; do echo >> {alive}; sleep 0.02; done) & {sys.executable} {script} 60 stubborn"
    begun = time.monotonic()
    done = traindx_run("--stop", "nan-only", "--grace", "1", "--", "sh", "-c", command, cwd=tmp_path)
    assert done.returncode == 1
    assert time.monotonic() - begun < 30
    size = alive.stat().st_size
    time.sleep(0.3)
    assert alive.stat().st_size == size


@pytest.mark.slow
def test_a_program_that_closes_its_output_is_waited_for_and_still_hears_signals(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(9))\n"
        "print('closing', flush=True); os.close(1); os.close(2)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen(
        [*RUN, *python(code)], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == b"closing\n"
        time.sleep(0.3)
        assert running.poll() is None
        running.send_signal(signal.SIGTERM)
        assert running.wait(30) == 9


@pytest.mark.slow
def test_a_log_that_the_program_writes_itself_is_judged_too(tmp_path: Path) -> None:
    code = (
        "import time\n"
        "with open('metrics.csv', 'w') as file:\n"
        "    file.write('step,loss\\n')\n"
        "    for step in range(4000):\n"
        "        file.write(f'{step},{1 + 1 / (step + 1) if step < 100 else float(\"nan\")}\\n'); file.flush()\n"
        "        time.sleep(0.005)\n"
    )
    done = traindx_run("--stop-on", "nan", "--grace", "2", "--follow", "metrics.csv", *python(code), cwd=tmp_path)
    assert done.returncode == 1
    assert "stopping the program: NAN" in done.stderr.decode()


@pytest.mark.slow
def test_signals_reach_the_program_and_its_answer_to_them_is_the_answer(tmp_path: Path) -> None:
    code = (
        "import signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(11))\n"
        "signal.signal(signal.SIGUSR1, lambda *_: print('told', flush=True))\n"
        "print('ready', flush=True)\n"
        "time.sleep(60)\ntime.sleep(60)\n"
    )
    with subprocess.Popen(
        [*RUN, *python(code)], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == b"ready\n"
        running.send_signal(signal.SIGUSR1)
        assert running.stdout.readline() == b"told\n"
        running.send_signal(signal.SIGTERM)
        assert running.wait(30) == 11


@pytest.mark.slow
def test_a_program_sees_a_terminal_where_we_have_one_and_may_draw_its_bars(tmp_path: Path) -> None:
    """Typed text, Ctrl-C and the size of the terminal reach the program; its carriage returns stay."""
    code = (
        "import os, sys\n"
        "print('terminal', sys.stdout.isatty(), sys.stdin.isatty(), sys.stderr.isatty(), *os.get_terminal_size(), flush=True)\n"
        "print('10%\\r20%\\r', input(), flush=True)\n"
        "try:\n    import time; time.sleep(60)\nexcept KeyboardInterrupt:\n    print('interrupted'); sys.exit(5)\n"
    )
    child, ours = pty.fork()
    if child == 0:
        os.chdir(tmp_path)
        os.execv(sys.executable, [*RUN, *python(code)])
    import fcntl
    import struct
    import termios

    fcntl.ioctl(ours, termios.TIOCSWINSZ, struct.pack("HHHH", 33, 111, 0, 0))
    seen = _read_until(ours, b"terminal True True True 111 33")
    os.write(ours, b"typed by hand\n")
    seen += _read_until(ours, b"10%\r20%\r typed by hand")
    os.write(ours, b"\x03")
    seen += _read_until(ours, b"is kept in")
    assert b"interrupted" in seen
    _, status = os.waitpid(child, 0)
    os.close(ours)
    assert os.waitstatus_to_exitcode(status) == 5


def _read_until(descriptor: int, wanted: bytes) -> bytes:
    seen, until = b"", time.monotonic() + 30
    while wanted not in seen:
        assert select.select([descriptor], [], [], max(until - time.monotonic(), 0))[0], seen
        seen += os.read(descriptor, 65536)
    return seen


@pytest.mark.slow
def test_a_reader_that_goes_away_ends_a_program_as_a_pipe_does(tmp_path: Path) -> None:
    code = "import sys\nwhile True: print('x' * 99)"
    with subprocess.Popen(
        [*RUN, *python(code)], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as running:
        assert running.stdout is not None
        _ = running.stdout.readline()
        running.stdout.close()
        assert running.wait(30) in (1, 120, 128 + signal.SIGPIPE)  # Python answers a broken pipe with an error


@pytest.mark.slow
def test_a_judge_that_dies_is_told_of_and_the_program_goes_on(tmp_path: Path) -> None:
    if not Path("/proc").is_dir():
        return
    code = (
        "import os, pathlib, signal, time\n"
        "for place in pathlib.Path('/proc').glob('[0-9]*/cmdline'):\n"
        "    try:\n"
        "        if place.parent.name != str(os.getpid()) and b'run_judge' in place.read_bytes() and f'PPid:\\t{os.getppid()}\\n' in place.with_name('status').read_text():\n"
        "            os.kill(int(place.parent.name), signal.SIGKILL)\n"
        "    except OSError:\n        pass\n"
        "time.sleep(0.5); print('still here')"
    )
    done = traindx_run(*python(code), cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout == b"still here\n"
    assert b"goes on, unjudged" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--stop-on", "QQQ"], "nothing is called 'QQQ'"),
        (["--set", "no_such_fact=1"], "unknown fact 'no_such_fact'"),
        (["--stop", "nan-only", "--stop-on", "NAN"], "give one of them"),
        (["--notify", "ftp://user:secret@host/x"], "hint"),
    ],
)
def test_what_is_wrong_with_the_options_is_said_before_the_program_starts(
    tmp_path: Path, options: list[str], told: str
) -> None:
    done = traindx_run(*options, *python("open('began', 'w')"), cwd=tmp_path)
    assert done.returncode == 2
    assert told in done.stderr.decode()
    assert "secret" not in done.stderr.decode()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_hostile_output_is_quoted_harmlessly(tmp_path: Path) -> None:
    code = "for i in range(60): print(f'step {i} \\x1b]0;owned\\x07[red]loss\\x1b[31m {5 - i / 20}')"
    done = traindx_run(*python(code), cwd=tmp_path)
    assert b"\x1b]0;owned" in done.stdout
    told = b"".join(line for line in done.stderr.splitlines() if line.startswith(b"traindx:"))
    assert b"\x1b" not in told
    assert b"\x07" not in told


@pytest.mark.slow
def test_a_notice_of_the_stop_arrives_and_its_address_is_in_no_list_of_processes(tmp_path: Path) -> None:
    bodies: list[dict[str, object]] = []

    class Hook(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            return

    server = http.server.HTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        url = f"http://127.0.0.1:{server.server_port}/a-secret"
        done = traindx_run("--stop-on", "NAN", "--notify", url, *python(TRAINING, "60"), cwd=tmp_path)
    finally:
        server.shutdown()
        server.server_close()
    assert done.returncode == 1
    assert any("stopped" in str(body["title"]) for body in bodies)
    assert "a-secret" not in done.stderr.decode()


@pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="no /proc: the memory of another process cannot be read"
)
@pytest.mark.slow
def test_a_flood_of_output_fills_neither_memory_nor_disk(tmp_path: Path) -> None:
    """150 MB in one go: the process that passes it on stays small, and the log stops at its limit."""
    code = "import os\nblock = (bytes(99) + b'\\n') * 10_000\nfor _ in range(150): os.write(1, block)"
    with subprocess.Popen(
        [*RUN, *python(code)], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdout is not None
        count = peak = 0
        while data := os.read(running.stdout.fileno(), 1 << 20):
            count += len(data)
            status = Path(f"/proc/{running.pid}/status").read_text()
            peak = max(peak, int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) if "VmRSS" in status else 0)
        assert running.stderr is not None
        told = running.stderr.read().decode()
    assert count == 150 * 10_000 * 100
    assert peak < 100_000, f"{peak} kB"
    assert "grows no further" in told
    (kept,) = tmp_path.glob(".traindx/runs/*/output.log")
    assert kept.stat().st_size <= 128 << 20

"""The other tools that read training logs, asked about the same files in the same form.

They live in an environment of their own. This file has two halves: ``ask`` is called here, and runs this file by the other
environment's Python, where ``_serve`` calls each tool's own command inside one process (to start each anew for every file would
take an hour). Standard library only.
"""

from __future__ import annotations

import contextlib
import io
import json
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import metadata
from pathlib import Path

PEERS = ("runmedic", "trainspotter", "trainproof", "losslint")
TIMEOUT_S = 60
Pair = tuple[str, str]
Answer = str | list[Pair]
"""(name of the finding, severity) of each; or "UNREAD ..." where the tool could not read the file."""


def ask(bin_folder: Path, paths: Sequence[Path]) -> tuple[dict[str, str], dict[str, dict[str, Answer]]]:
    """Return the peers' versions, and what each says of each path."""
    done = subprocess.run(
        [str(bin_folder / "python"), "-I", __file__],
        input=json.dumps([str(path) for path in paths]),
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    return found["versions"], found["answers"]


def _serve() -> None:
    """Answer for all paths on standard input."""
    paths = json.loads(sys.stdin.read())
    wanted = {one.name: one for one in metadata.entry_points(group="console_scripts")}
    versions = {name: metadata.version(name) for name in PEERS if name in wanted}
    commands = {name: wanted[name].load() for name in versions}
    answers = {path: {name: _answer(name, commands[name], path) for name in commands} for path in paths}
    json.dump({"versions": versions, "answers": answers}, sys.stdout)


def _answer(name: str, command: Callable[[], object], path: str) -> Answer:
    arguments = {
        "losslint": ["check", path, "--format", "json"],
        "runmedic": ["diagnose", path, "--json"],
        "trainspotter": ["analyze", path, "--output", "json"],
        "trainproof": ["epoch", path, "--json"],
    }[name]
    try:
        return _FOUND[name](json.loads(_printed(name, command, arguments)))
    except Exception as problem:  # noqa: BLE001  a tool that fails in any way has not read the file
        return f"UNREAD {problem!r}"[:120]


def _printed(name: str, command: Callable[[], object], arguments: Sequence[str]) -> str:
    """What the tool's command prints on standard output, whatever it exits with."""
    out, before = io.StringIO(), sys.argv
    sys.argv = [name, *arguments]
    signal.signal(signal.SIGALRM, _late)
    signal.alarm(TIMEOUT_S)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
            command()
    except SystemExit:
        pass
    finally:
        signal.alarm(0)
        sys.argv = before
    return out.getvalue()


def _late(_signal: int, _frame: object) -> None:
    raise TimeoutError


def _losslint(found: Mapping[str, Sequence[Mapping[str, str]]]) -> list[Pair]:
    return [(one["check"], one["severity"]) for one in found["findings"]]


def _trainspotter(found: Mapping[str, Sequence[Mapping[str, str]]]) -> list[Pair]:
    return [(f"{one['detector']}:{one['title'][:24]}", one["severity"]) for one in found["findings"]]


def _runmedic(found: object) -> list[Pair]:
    return list(_named(found))


def _named(found: object) -> Iterator[Pair]:
    """Every object with a severity and a name, however deep."""
    if isinstance(found, dict):
        name = found.get("id") or found.get("check")
        if "severity" in found and name:
            yield str(name), str(found["severity"])
    inner = found.values() if isinstance(found, dict) else found if isinstance(found, list) else ()
    for one in inner:
        yield from _named(one)


def _trainproof(found: Mapping[str, Sequence[Mapping[str, Sequence[Mapping[str, str]]]]]) -> list[Pair]:
    reports = found.get("reports")
    if not reports:
        raise ValueError("not judged")
    pairs = [(one["id"], one["level"]) for report in reports for one in report["findings"]]
    loud = [pair for pair in pairs if pair[1] in {"FAIL", "WARN"}]
    if not loud and "not judged" in json.dumps(reports).lower():
        raise ValueError("not judged")
    return loud


_FOUND: Mapping[str, Callable[..., list[Pair]]] = {
    "losslint": _losslint,
    "runmedic": _runmedic,
    "trainspotter": _trainspotter,
    "trainproof": _trainproof,
}

if __name__ == "__main__":
    try:
        _serve()
    except Exception:  # noqa: BLE001  the caller sees the text
        traceback.print_exc()
        sys.exit(1)

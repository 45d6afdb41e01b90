"""``traindx run -- PROGRAM``: run a program, judge it while it runs, and stop it if told to."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from traindx.cli.configuration import Configuration
from traindx.cli.options import PATH, Configured, codes_of, facts_of, roles_of, rule_options, told_options
from traindx.cli.streams import complain
from traindx.errors import UsageError
from traindx.render import carries_drawings, encoding_of, wants_colour

if TYPE_CHECKING:
    from traindx.cli.kept_output import KeptOutput

_OUTPUT: Final = "output.log"
_NOT_EXECUTABLE, _NOT_FOUND = 126, 127  # as shells say it
_LAST_WORDS_S: Final = 120.0  # for judging a long log once more at the end
_STOPPED: Final = 1


@click.command(cls=Configured, context_settings={"auto_envvar_prefix": "TRAINDX", "ignore_unknown_options": False})
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED, metavar="-- PROGRAM [ARGUMENTS]...")
@click.option(
    "--stop-on",
    multiple=True,
    metavar="CODES",
    help="Stop the program at findings whose code starts so, as NAN,BAS001, or at a condition.",
)
@click.option("--stop", metavar="PRESET", help="Stop it by a policy: nan-only, cautious, early-stopping, by-epoch.")
@click.option(
    "--grace",
    type=click.FloatRange(min=0),
    default=30.0,
    show_default=True,
    help="Seconds that it has to end by itself.",
)
@click.option("--follow", multiple=True, metavar="PATH", help="Judge this log or directory of the program too.")
@click.option(
    "--notify", multiple=True, metavar="URL", help="Send a notice of each change of state to this webhook or service."
)
@click.option("--log", type=PATH, help="Keep the output in this file.")
@click.option(
    "--dir",
    "directory",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep the output in this directory (.traindx/runs/TIME).",
)
@click.option(
    "--interval", type=click.FloatRange(min=0.05), default=1.0, show_default=True, help="Seconds between looks."
)
@told_options
@rule_options
@click.option("--color/--no-color", "color", default=None, help="Colour always or never.")
@click.pass_context
def run(ctx: click.Context, /, command: tuple[str, ...], **options: Any) -> None:
    """Run a program, judge what it prints, and stop it if told to.

    Its output passes through unchanged, and is kept as a log; verdicts go to standard error. The exit code is the program's
    own, 128 plus the number of the signal that ended it, or 1 where it was stopped.

    \b
    traindx run -- python train.py
    traindx run --stop-on NAN,diverged --follow runs/exp7 -- python train.py --epochs 10
    """  # noqa: D301 - click keeps the lines of a paragraph behind a backspace sign
    if os.name != "posix":
        raise UsageError(
            "traindx run needs Linux, macOS or another POSIX system",
            hint="start the program, and beside it: traindx watch LOG",
        )
    if options["stop"] and options["stop_on"]:
        raise UsageError("--stop names a whole policy, --stop-on what stops: give one of them")
    ctx.exit(_run(command, options, ctx.obj or Configuration()))


def _run(command: tuple[str, ...], options: dict[str, Any], configuration: Configuration) -> int:
    from traindx.cli.judge_process import JudgeProcess
    from traindx.cli.passing import Passing

    path = _log_path(options["log"], options["directory"], command)
    judge = JudgeProcess({**_order(path, options, configuration), "name": (_script(command) or Path(command[0])).name})
    try:
        judge.wait_until_ready()
        kept = _kept(path)
        try:
            ending = Passing(command, kept, judge, _say, grace_s=options["grace"]).run()
        finally:
            kept.close()
        for answer in judge.finish(_LAST_WORDS_S):
            _say(answer.say)
    except FileNotFoundError:
        complain(f"cannot run {command[0]}: there is no such program")
        return _NOT_FOUND
    except OSError as error:
        complain(f"cannot run {command[0]}: {(error.strerror or str(error)).lower()}")
        return _NOT_EXECUTABLE
    finally:
        judge.end()
    _say(f"traindx: the output is kept in {path}\n")
    return _STOPPED if ending.stopped else ending.code


def _script(command: Sequence[str]) -> Path | None:
    """Return the first argument that is a file, as ``train.py``: it names the run better than the program does."""
    return next((Path(one) for one in command[1:] if os.path.isfile(one)), None)


def _kept(path: Path) -> KeptOutput:
    from traindx.cli.kept_output import KeptOutput

    try:
        return KeptOutput(path)
    except OSError as error:
        raise UsageError(f"cannot write the log: {(error.strerror or str(error)).lower()}", where=str(path)) from error


def _log_path(log: Path | None, directory: Path | None, command: Sequence[str]) -> Path:
    if log is not None:
        return log
    name = _OUTPUT if (script := _script(command)) is None else f"{script.stem}.log"
    if directory is not None:
        return directory / name
    if not os.access(".", os.W_OK):
        return Path(tempfile.gettempdir(), f"traindx-run-{os.getpid()}", name)
    return Path(".traindx", "runs", f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}", name)


def _order(path: Path, options: dict[str, Any], configuration: Configuration) -> dict[str, Any]:
    """What the judging process is told."""
    coloured = wants_colour(options["color"], os.environ, terminal=sys.stderr.isatty())
    stop = [one for text in options["stop_on"] for one in text.split(",") if one.strip()]
    return {
        "paths": [str(path), *options["follow"]],
        "facts": facts_of(options["facts"]),
        "roles": roles_of(options["roles"]),
        "metric": options["metric"],
        "select": codes_of(options["select"]),
        "ignore": codes_of(options["ignore"]),
        "config": configuration.path,
        "stop": options["stop"] or ([one.strip() for one in stop] or None),
        "notify": list(options["notify"]),
        "interval_s": options["interval"],
        "look": {
            "colours": "standard" if coloured else None,
            "unicode": carries_drawings(encoding_of(sys.stderr)),
        },
    }


def _say(line: str) -> None:
    encoding = encoding_of(sys.stderr)
    try:
        _ = os.write(2, line.encode(encoding, "replace"))
    except OSError:  # nobody reads it: the program goes on
        return

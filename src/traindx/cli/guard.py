"""The last resort: whatever ends a command becomes an exit code and a few words on standard error."""

from __future__ import annotations

import os
from types import TracebackType
from typing import final

import click

from traindx import __version__
from traindx.cli.streams import close_quietly, complain
from traindx.errors import TraindxError

BUG = 4
INTERRUPTED = 130
MISUSE = 2


@final
class Guard:
    """Holds the exit code of a command. An error inside the block sets it; only ``SystemExit`` passes through."""

    def __init__(self) -> None:
        self.code = 0

    def __enter__(self) -> Guard:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if isinstance(error, SystemExit):
            return False
        if error is not None:
            self.code = exit_code(error)
        return True


def exit_code(error: BaseException) -> int:
    """Tell the user what happened and return the exit code for it."""
    match error:
        case click.ClickException():
            error.show()
            return error.exit_code
        case click.Abort() | KeyboardInterrupt():
            complain("interrupted")
            return INTERRUPTED
        case BrokenPipeError():
            close_quietly()
            return 0
        case TraindxError():
            complain(error.problem, where=error.where, hint=error.hint)
            return MISUSE
        case OSError():
            complain(f"cannot use the file: {(error.strerror or str(error)).lower()}", where=str(error.filename or ""))
            return MISUSE
        case _:
            return _apologise(error)


def _apologise(error: BaseException) -> int:
    import platform
    import traceback

    if os.environ.get("TRAINDX_DEBUG") == "1":
        traceback.print_exception(error)
    system = f"traindx {__version__}, Python {platform.python_version()}, {platform.system()}"
    complain(
        f"this is a bug in traindx, and we are sorry: {type(error).__name__}: {error} [{_place(error)}]",
        hint=f"please report it with the command, a log that shows it, and this line: {system}; "
        "TRAINDX_DEBUG=1 prints the whole traceback",
    )
    return BUG


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "?" if trace is None else f"{os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}"

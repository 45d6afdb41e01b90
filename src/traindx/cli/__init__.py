"""The command line: one file per command, imported when it is called."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from traindx.cli.guard import Guard


def main(arguments: Sequence[str] | None = None) -> None:
    """Run traindx and exit: 0 nothing found, 1 findings, 2 misuse, 3 inconclusive, 4 a bug in traindx, 130 interrupted."""
    guard = Guard()
    with guard:
        from traindx.cli.app import app

        code: object = app.main(args=arguments, prog_name="traindx", standalone_mode=False)
        guard.code = code if isinstance(code, int) else 0
    sys.exit(guard.code)

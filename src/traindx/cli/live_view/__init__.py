"""The live view of a run in a terminal. Importing it needs textual."""

from __future__ import annotations

from traindx.cli.live_view.app import LiveView
from traindx.cli.looks import look_for
from traindx.cli.request import Request
from traindx.cli.watching import Watching
from traindx.live import Observer

__all__ = ["LiveView", "show"]


def show(observer: Observer, request: Request, told: Watching) -> int:
    """Show the view until it is left; return the exit code."""
    code = LiveView(observer, request, told, look_for(colour=request.color)).run(mouse=False)
    return code if code is not None else 0

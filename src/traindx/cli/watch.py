"""``traindx watch``: judge a run while it goes on, in a view of the terminal or in lines."""

from __future__ import annotations

import os
import sys

import click

from traindx.cli.looks import look_for
from traindx.cli.options import Configured, look_options, rule_options, told_options
from traindx.cli.request import FAIL_ON, Request
from traindx.cli.streams import complain
from traindx.cli.watching import Watching, observer_of, request_of


@click.command(cls=Configured, context_settings={"auto_envvar_prefix": "TRAINDX"})
@click.argument("path", metavar="PATH")
@click.option(
    "--interval", type=click.FloatRange(min=0.05), default=1.0, show_default=True, help="Seconds between looks."
)
@click.option("--once", is_flag=True, help="Look once, say what there is, and end.")
@click.option(
    "--until-done", is_flag=True, help="End when the run is over: by its plan, or because nothing comes any more."
)
@click.option(
    "--idle",
    type=click.FloatRange(min=0),
    default=60.0,
    show_default=True,
    help="Seconds without growth that mean it is over.",
)
@click.option(
    "--heartbeat",
    type=click.FloatRange(min=0),
    default=60.0,
    show_default=True,
    help="Seconds between signs of life; 0 for none.",
)
@told_options
@rule_options
@click.option(
    "--fail-on",
    type=click.Choice(FAIL_ON),
    default="warning",
    show_default=True,
    help="With --once and --until-done, exit with 1 from here.",
)
@look_options
@click.pass_context
def watch(
    ctx: click.Context, /, path: str, interval: float, *, once: bool, until_done: bool, **options: object
) -> None:
    """Watch a run that goes on, and say what changes.

    PATH is a log or a directory in any format that traindx reads; it need not exist yet. Only what is new is read. In a
    terminal this is a view (q quits, ? lists the keys); with --plain, or where the output is no terminal, it is a line for
    each change.
    """
    told = Watching(
        interval_s=interval,
        once=once,
        until_done=until_done,
        idle_s=float(str(options.pop("idle"))),
        pulse_s=float(str(options.pop("heartbeat"))),
    )
    request = request_of(ctx.obj, (path,), options)
    ctx.exit(run(request, told))


def run(request: Request, told: Watching) -> int:
    """Watch until told to end; return the exit code."""
    observer = observer_of(request, request.paths[0])
    if _wants_view(request, told):
        try:
            from traindx.cli.live_view import show
        except ImportError:
            complain(
                "the view of the terminal needs the package 'textual', which is not installed: lines instead",
                hint="pip install 'traindx[tui]'",
                level="note",
            )
        else:
            return show(observer, request, told)
    from traindx.cli.watch_lines import watch_in_lines

    return watch_in_lines(observer, request, told, look_for(colour=request.color, plain=request.plain))


def _wants_view(request: Request, told: Watching) -> bool:
    if request.plain or told.once or os.environ.get("TERM", "dumb") == "dumb":
        return False
    return sys.stdout.isatty() and sys.stdin.isatty()

"""``traindx doctor``: what was read from a log, and what was not."""

from __future__ import annotations

from dataclasses import replace

import click

from traindx import __version__
from traindx.cli.looks import look_for
from traindx.cli.options import Configured, fact_options, look_options
from traindx.cli.request import Request
from traindx.cli.streams import complain, write_bytes, write_text
from traindx.errors import TraindxError, UsageError


@click.command(cls=Configured)
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@fact_options
@click.option("--format", type=click.Choice(("text", "json")), default="text", help="How to answer.")
@look_options
@click.option("-v", "--verbose", count=True, help="List every setting, checkpoint and note.")
@click.pass_context
def doctor(ctx: click.Context, /, **_options: object) -> None:
    """Show what was read from a log: files, rows skipped and why, series and what they mean, settings."""
    request = Request.of(ctx)
    failures = 0
    read = []
    from traindx.cli.judging import readings_of, runs_of

    for path in request.paths:
        try:
            read += [(run, readings_of(run, path, request)) for run in runs_of(path, request)]
        except UsageError:
            raise
        except TraindxError as error:
            complain(error.problem, where=error.where, hint=error.hint)
            failures += 1
    if request.format == "json":
        from traindx.render import doctor_json

        write_bytes(doctor_json(read, version=__version__).encode())
    else:
        from traindx.render import doctor_text

        look = replace(look_for(colour=request.color, plain=request.plain), detail=request.verbose)
        write_text("\n".join(doctor_text(run, readings, look) for run, readings in read))
    ctx.exit(2 if failures else 0)

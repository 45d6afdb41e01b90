"""``traindx doctor``: what was read from a log, and what was not."""

from __future__ import annotations

from dataclasses import replace

import click

from traindx import __version__
from traindx.cli.looks import look_for
from traindx.cli.options import Configured, fact_options, look_options
from traindx.cli.request import Request
from traindx.cli.streams import write_bytes, write_text


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
    from traindx.cli.judging import read_all, readings_of

    runs, failures = read_all(request)
    read = [(run, readings_of(run, request)) for run in runs]
    if request.format == "json":
        from traindx.render import doctor_json

        write_bytes(doctor_json(read, version=__version__).encode())
    else:
        from traindx.render import doctor_text

        look = replace(look_for(colour=request.color, plain=request.plain), detail=request.verbose)
        write_text("\n".join(doctor_text(run, readings, look) for run, readings in read))
    ctx.exit(2 if failures else 0)

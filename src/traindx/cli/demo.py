"""``traindx demo``: the main job on a log that comes with the package."""

from __future__ import annotations

from importlib.resources import as_file, files

import click

from traindx.cli.check import run
from traindx.cli.options import look_options
from traindx.cli.request import FORMATS, Request
from traindx.cli.streams import complain

EXAMPLE = "broken_clip.log"


@click.command()
@click.option("--format", type=click.Choice(FORMATS), help="How to answer.")
@look_options
@click.pass_context
def demo(ctx: click.Context, *, format: str | None, color: bool | None, plain: bool) -> None:  # noqa: A002
    """Judge an example log: a contrastive training that learns nothing. Exits with 0."""
    with as_file(files("traindx.cli") / "demo_data" / EXAMPLE) as path:
        complain(f"this is the answer to: traindx {path}", level="demo")
        ctx.exit(run(Request(paths=(str(path),), format=format, color=color, plain=plain, exit_zero=True)))

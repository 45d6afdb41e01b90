"""``traindx pick``: which checkpoint to keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from traindx import __version__
from traindx.cli.looks import look_for
from traindx.cli.options import PATH, Configured, fact_options, look_options
from traindx.cli.request import Request
from traindx.cli.streams import write_bytes, write_text

if TYPE_CHECKING:
    from traindx.render import Chosen

_FORMATS = ("text", "json", "md")


@click.command(cls=Configured)
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@fact_options
@click.option("--objective", metavar="NAME", help="What to choose by: a series, or a quantity as loss, R@1, mAP.")
@click.option("--format", type=click.Choice(_FORMATS), default="text", help="How to answer.")
@click.option("-o", "--output", type=PATH, help="Write the answer to a file.")
@look_options
@click.pass_context
def pick(ctx: click.Context, /, objective: str | None, **_options: object) -> None:
    """Say which checkpoint to keep, allowing for the noise of evaluations.

    \b
    traindx pick runs/exp7                      by the main metric on held-out data
    traindx pick runs/exp7 --objective R@1      by another one

    Checkpoints that lie beside the log are matched by their step or epoch, and never opened.
    """  # noqa: D301 - click keeps the lines of a paragraph behind a backspace sign
    ctx.params.pop("objective")
    request = Request.of(ctx)
    chosen, failures = _chosen(request, objective)
    if chosen:
        _write(chosen, request)
    ctx.exit(2 if failures else 0)


def _chosen(request: Request, objective: str | None) -> tuple[list[Chosen], int]:
    from traindx.cli.judging import case_of, read_all
    from traindx.engine import examine, pick, select_rules
    from traindx.render import Chosen

    runs, failures = read_all(request)
    rules = select_rules(options=request.configuration.rules)
    found: list[Chosen] = []
    for run in runs:
        case = case_of(run, request)
        picked = pick(case, examine(case, rules).findings, objective)
        found.append(Chosen(run.name, picked.choice, picked.why))
    return found, failures


def _write(chosen: list[Chosen], request: Request) -> None:
    from traindx.render import picks_json, picks_markdown, picks_text

    if request.format == "json":
        write_bytes(picks_json(chosen, version=__version__).encode(), request.output)
    elif request.format == "md":
        write_bytes(picks_markdown(chosen).encode(), request.output)
    else:
        look = look_for(colour=request.color, plain=request.plain, output=request.output)
        write_text(picks_text(chosen, look), request.output)

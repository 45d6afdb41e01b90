"""``traindx compare``: what differs between runs, and what that proves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from traindx import __version__
from traindx.cli.looks import look_for
from traindx.cli.options import PATH, Configured, fact_options, look_options
from traindx.cli.request import Request
from traindx.cli.streams import write_bytes, write_text
from traindx.errors import UsageError

if TYPE_CHECKING:
    from traindx.diagnosis import Alignment, Comparison
    from traindx.engine import Member

_AXES = ("step", "epoch", "samples", "tokens", "time")


@click.command(cls=Configured)
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@fact_options
@click.option(
    "--against", multiple=True, metavar="PATH", help="Further runs of the second group, as other seeds of it."
)
@click.option("--by", "axis", type=click.Choice(_AXES), help="Align by this instead of what the runs suggest.")
@click.option("--ranks", is_flag=True, help="The two files hold the rank of the right item for each query.")
@click.option("--at", "cutoffs", default="1,5,10", show_default=True, metavar="K,...", help="Cut-offs for --ranks.")
@click.option("--format", type=click.Choice(("text", "json", "md")), default="text", help="How to answer.")
@click.option("-o", "--output", type=PATH, help="Write the answer to a file.")
@look_options
@click.pass_context
def compare(
    ctx: click.Context,
    /,
    against: tuple[str, ...],
    axis: Alignment | None,
    *,
    ranks: bool,
    cutoffs: str,
    **_options: object,
) -> None:
    """Compare runs: the same quantities at the same place, with intervals, and the settings that differ.

    \b
    traindx compare A B C                           B and C, each against A
    traindx compare A1 A2 A3 --against B1 --against B2    one group of seeds against another
    traindx compare --ranks before.txt after.txt    two rankings of the same queries

    A difference is put down to a setting only where one changed.
    """  # noqa: D301 - click keeps the lines of a paragraph behind a backspace sign
    for name in ("against", "axis", "ranks", "cutoffs"):
        ctx.params.pop(name)
    request = Request.of(ctx)
    found = _ranks(request, cutoffs) if ranks else _runs(request, against, axis)
    _write(found, request)


def _runs(request: Request, against: tuple[str, ...], axis: Alignment | None) -> list[Comparison]:
    from traindx.engine import compare_groups

    before = _members(request, request.paths)
    if against:
        return [compare_groups(before, _members(request, against), axis)]
    if len(before) < 2:
        raise UsageError(f"one run is nothing to compare: {before[0].name}", hint="traindx compare A B")
    return [compare_groups(before[:1], [other], axis) for other in before[1:]]


def _members(request: Request, paths: tuple[str, ...]) -> list[Member]:
    """The judged runs of several paths, each path read by itself, for two files to compare are two runs."""
    from traindx.cli.judging import case_of
    from traindx.engine import member_of, select_rules
    from traindx.readers import read_path

    rules = select_rules(options=request.configuration.rules)
    runs = [run for path in paths for run in read_path(path, stdin_filename=request.stdin_filename)]
    return [member_of(case_of(run, request), rules) for run in runs]


def _ranks(request: Request, cutoffs: str) -> list[Comparison]:
    from traindx.cli.rank_files import ranks_of
    from traindx.engine import compare_ranks

    if len(request.paths) != 2:
        raise UsageError(f"--ranks compares two files, not {len(request.paths)}", hint="traindx compare --ranks A B")
    sizes = [int(k) for k in cutoffs.split(",") if k.strip().isdecimal() and int(k) > 0]
    if not sizes:
        raise UsageError(f"--at {cutoffs!r} holds no cut-off", hint="write --at 1,5,10")
    one, other = request.paths
    return [compare_ranks((one, other), ranks_of(one), ranks_of(other), sizes)]


def _write(found: list[Comparison], request: Request) -> None:
    from traindx.render import comparisons_json, comparisons_markdown, comparisons_text

    if request.format == "json":
        write_bytes(comparisons_json(found, version=__version__).encode(), request.output)
    elif request.format == "md":
        write_bytes(comparisons_markdown(found).encode(), request.output)
    else:
        look = look_for(colour=request.color, plain=request.plain, output=request.output)
        write_text(comparisons_text(found, look), request.output)

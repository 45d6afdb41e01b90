"""``traindx facts``: what is known of a run besides its curves; ``traindx facts set`` writes facts down."""

from __future__ import annotations

from pathlib import Path

import click

from traindx import __version__
from traindx.cli.configuration import find
from traindx.cli.looks import look_for
from traindx.cli.options import Configured, fact_options, facts_of, look_options
from traindx.cli.request import Request
from traindx.cli.streams import complain, write_bytes, write_text
from traindx.errors import UsageError

FILE = "traindx.toml"


@click.command(cls=Configured)
@click.argument("paths", nargs=-1, required=True, metavar="PATH... | set KEY=VALUE...")
@fact_options
@click.option("--format", type=click.Choice(("text", "json")), default="text", help="How to answer.")
@look_options
@click.pass_context
def facts(ctx: click.Context, /, **_options: object) -> None:
    """Show the facts of a run and what is missing, or write facts to traindx.toml.

    \b
    traindx facts run.log
    traindx facts set batch_size=256 num_classes=1000
    """  # noqa: D301 - click keeps the lines of a paragraph behind a backspace sign
    request = Request.of(ctx)
    if request.paths[0] == "set":
        _write(request.paths[1:])
        return
    from traindx.cli.judging import judge

    judged = judge(request)
    if request.format == "json":
        from traindx.render import facts_json

        write_bytes(facts_json(judged.reports, version=__version__).encode())
    else:
        from traindx.render import facts_text

        look = look_for(colour=request.color, plain=request.plain)
        write_text("\n".join(facts_text(report, look) for report in judged.reports))
    ctx.exit(2 if judged.failures else 0)


def _write(given: tuple[str, ...]) -> None:
    """Write facts to the configuration of the current directory."""
    if not given:
        raise UsageError("no fact given", hint="write traindx facts set batch_size=256")
    from traindx.cli.toml_writing import with_values
    from traindx.context import canonical_fact, normalise_fact

    values = {canonical_fact(key): normalise_fact(key, text) for key, text in facts_of(given).items()}
    path, held = Path(FILE).absolute(), find(Path.cwd())
    before = path.read_text(encoding="utf-8") if path.is_file() else ""
    path.write_text(with_values(before, "facts", values), encoding="utf-8")
    if held is not None and held.absolute() != path:
        complain(f"{held} does not hold here any more: {FILE} is nearer", level="warning")
    complain(f"{', '.join(values)} written to [facts] of {FILE}", level="done")

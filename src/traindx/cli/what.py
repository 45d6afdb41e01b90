"""``traindx what``: what a loss value usually means."""

from __future__ import annotations

import click

from traindx.cli.looks import look_for
from traindx.cli.options import Configured, facts_of, look_options
from traindx.cli.streams import write_bytes, write_text
from traindx.errors import UsageError


@click.command(cls=Configured, context_settings={"ignore_unknown_options": True})
@click.argument("value")
@click.option("--set", "facts", multiple=True, metavar="KEY=VALUE", help="Tell a fact, as batch_size=256.")
@click.option("--config", metavar="FILE", help="Read this configuration file instead of the nearest.")
@click.option("--no-config", is_flag=True, help="Read no configuration file.")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", help="How to answer.")
@look_options
def what(value: str, *, facts: tuple[str, ...], form: str, color: bool | None, plain: bool, **_rest: object) -> None:
    """Say what a loss value usually means, as 8.3178 = ln 4096. Give it with all the digits that were printed."""
    from traindx.baselines import what as matches_of
    from traindx.context import normalise_fact
    from traindx.render import matches_json, matches_text

    try:
        float(value)
    except ValueError:
        raise UsageError(f"{value!r} is not a number", hint="for example traindx what 8.3178") from None
    given = {key: normalise_fact(key, text) for key, text in facts_of(facts).items()}
    numbers = {k: float(v) for k, v in given.items() if isinstance(v, int | float) and not isinstance(v, bool)}
    found = matches_of(value, facts=numbers)
    if form == "json":
        write_bytes(matches_json(value, found).encode())
    else:
        look = look_for(colour=color, plain=plain)
        write_text(matches_text(value, found, look))

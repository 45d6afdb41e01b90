"""``traindx baseline``: what a loss or metric is worth to a guesser, from the facts on the command line."""

from __future__ import annotations

import click

from traindx.cli.looks import look_for
from traindx.cli.streams import write_bytes, write_text
from traindx.errors import UsageError

_HELP = {"-h", "--help"}
_FLAGS = {"--color": True, "--no-color": False}


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []}, add_help_option=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[FAMILY] [--OPTION VALUE...]")
@click.pass_context
def baseline(ctx: click.Context, arguments: tuple[str, ...]) -> None:
    """Compute the baselines of a loss or metric: floor, trivial, chance, initial.

    \b
    traindx baseline                        list the families
    traindx baseline info_nce --help        what a family takes
    traindx baseline info_nce --batch-size 256

    Besides the family's own options: --format text|json, --plain, --color/--no-color.
    """  # noqa: D301 - click keeps the lines of a paragraph behind a backspace sign
    from traindx.baselines import FAMILIES, build_ladder, find_family
    from traindx.render import families_text, family_text, ladder_json, ladder_text

    rest = list(arguments)
    if rest and rest[0] in _HELP:
        write_text(ctx.get_help() + "\n")
        return
    colour = next((_FLAGS[a] for a in rest if a in _FLAGS), None)
    look = look_for(colour=colour, plain="--plain" in rest)
    rest = [a for a in rest if a not in _FLAGS and a != "--plain"]
    if not rest:
        write_text(families_text(FAMILIES.values(), look))
        return
    family = find_family(rest[0])
    if _HELP & set(rest[1:]):
        write_text(family_text(family, look))
        return
    switches = {n for p in family.parameters if p.type == "bool" for n in (p.name, *p.aliases)}
    options = parsed(rest[1:], switches)
    form = options.pop("format", "text")
    if form not in ("text", "json"):
        raise UsageError(f"unknown format {form!r}", hint="text or json")
    ladder = build_ladder(family.name, **options)
    if form == "json":
        write_bytes(ladder_json(ladder).encode())
    else:
        write_text(ladder_text(ladder, look))


def parsed(arguments: list[str], switches: set[str]) -> dict[str, str]:
    """Return ``--name value``, ``--name=value`` and ``name=value`` as facts; ``switches`` may stand alone."""
    found: dict[str, str] = {}
    rest = iter(arguments)
    for argument in rest:
        name, sign, value = argument.lstrip("-").partition("=")
        name = name.replace("-", "_")
        if not sign and not argument.startswith("--"):
            raise UsageError(f"{argument!r} is neither --name value nor name=value")
        if not sign and name in switches:
            value = "true"
        elif not sign:
            value = next(rest, "")
            if not value:
                raise UsageError(f"{argument} needs a value")
        found[name] = value
    return found

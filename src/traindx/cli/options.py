"""Options that several commands share, and how their values are read."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import click

from traindx.cli.configuration import LISTS, Configuration, find, load
from traindx.cli.streams import complain
from traindx.errors import UsageError

Function = TypeVar("Function", bound=Callable[..., Any])
PATH = click.Path(path_type=Path, dir_okay=False, writable=True)


class Configured(click.Command):
    """A command whose options a configuration file may set: command line, then environment, then file."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Load the configuration first: its values become the defaults of this call."""
        ctx.obj = _configuration(args)
        names = {name for parameter in self.params for name in (parameter.name, *parameter.opts) if name}
        ctx.default_map = {key: _listed(key, value) for key, value in ctx.obj.options.items() if key in names}
        return super().parse_args(ctx, args)


def _listed(key: str, value: object) -> object:
    """Wrap a lone code, which a repeatable option would take apart into letters."""
    return [value] if key in LISTS and isinstance(value, str) else value


def _configuration(args: list[str]) -> Configuration:
    """Find the configuration as the arguments want it, and warn of what it says in vain."""
    own = args[: args.index("--")] if "--" in args else args
    if "--no-config" in own:
        return Configuration()
    path = Path(os.environ["TRAINDX_CONFIG"]) if os.environ.get("TRAINDX_CONFIG") else None
    for place, argument in enumerate(own):
        if argument == "--config" and place + 1 < len(own):
            path = Path(own[place + 1])
        elif argument.startswith("--config="):
            path = Path(argument.removeprefix("--config="))
    path = path or find(Path.cwd())
    configuration = load(path) if path else Configuration()
    for warning in configuration.warnings:
        complain(warning, level="warning")
    return configuration


def fact_options(function: Function) -> Function:
    """Add ``--set``, ``--role``, the configuration and the name of standard input to a command."""
    stdin = click.option("--stdin-filename", metavar="NAME", default="", help="What to call standard input.")
    return told_options(_with((stdin,), function))


def told_options(function: Function) -> Function:
    """Add ``--set``, ``--role`` and the configuration to a command that reads no standard input."""
    options = (
        click.option("--set", "facts", multiple=True, metavar="KEY=VALUE", help="Tell a fact, as batch_size=256."),
        click.option("--role", "roles", multiple=True, metavar="NAME=ROLE", help="Tell what a series means."),
        click.option("--config", metavar="FILE", help="Read this configuration file instead of the nearest."),
        click.option("--no-config", is_flag=True, help="Read no configuration file."),
    )
    return _with(options, function)


def rule_options(function: Function) -> Function:
    """Add what selects the rules that are asked, and the series that is judged."""
    options = (
        click.option("--metric", metavar="NAME", help="Judge this series as the main loss."),
        click.option(
            "--select", multiple=True, metavar="CODES", help="Ask only rules whose code starts so, as BAS,NAN001."
        ),
        click.option("--ignore", multiple=True, metavar="CODES", help="Leave out rules whose code starts so."),
    )
    return _with(options, function)


def look_options(function: Function) -> Function:
    """Add ``--color`` and ``--plain`` to a command."""
    options = (
        click.option("--color/--no-color", "color", default=None, help="Colour always or never."),
        click.option("--plain", is_flag=True, envvar="TRAINDX_PLAIN", help="No drawings, for screen readers."),
    )
    return _with(options, function)


def _with(options: Iterable[Callable[[Function], Function]], function: Function) -> Function:
    for option in reversed(tuple(options)):
        function = option(function)
    return function


def pairs(given: Iterable[str], option: str, example: str, *, last: bool = False) -> dict[str, str]:
    """Return ``KEY=VALUE`` texts as a dictionary; ``last`` splits at the last sign, for names that contain one."""
    found: dict[str, str] = {}
    for text in given:
        key, sign, value = text.rpartition("=") if last else text.partition("=")
        if not (sign and key.strip() and value.strip()):
            raise UsageError(f"{option} {text!r} is not of the form KEY=VALUE", hint=f"write {option} {example}")
        found[key.strip()] = value.strip()
    return found


def facts_of(given: Iterable[str]) -> dict[str, str]:
    """Return the facts of ``--set``."""
    return pairs(given, "--set", "batch_size=256")


def roles_of(given: Iterable[str]) -> dict[str, str]:
    """Return the roles of ``--role``; the name may contain ``=``, the role does not."""
    return pairs(given, "--role", "closs=train/loss", last=True)


def codes_of(given: Iterable[str]) -> tuple[str, ...]:
    """Return codes or prefixes of codes, given repeatedly or with commas between, in capitals."""
    return tuple(code.strip().upper() for text in given for code in text.split(",") if code.strip())

"""The root command: a table of commands, each imported when it is called, and ``check`` where none is named."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any, NoReturn

import click

from traindx import __version__
from traindx.cli.streams import complain
from traindx.errors import TraindxError, UsageError, unknown_name

# name -> (module and attribute, what it does). The order is that of a first acquaintance.
COMMANDS = {
    "check": ("check:check", "Judge one or several training runs (the default command)."),
    "watch": ("watch:watch", "Watch a run that goes on, and say what changes."),
    "run": ("run:run", "Run a program, judge what it prints, and stop it if told to."),
    "predict": ("predict:predict", "Say where a run will end, and whether going on is worth it."),
    "compare": ("compare:compare", "Compare runs, or groups of runs."),
    "pick": ("pick:pick", "Say which checkpoint to keep."),
    "retrieval": ("retrieval:retrieval", "Judge embeddings by how queries rank a gallery."),
    "doctor": ("doctor:doctor", "Show what was read from a log, and what was not."),
    "facts": ("facts:facts", "Show what is known of a run besides its curves, or set facts."),
    "data": ("data:data", "Audit a dataset before it trains."),
    "what": ("what:what", "Say what a loss value usually means."),
    "baseline": ("baseline:baseline", "Compute what a loss or metric is worth to a guesser."),
    "rule": ("rule:rule", "Explain one rule."),
    "rules": ("rules:rules", "List all rules."),
    "demo": ("demo:demo", "Judge an example log that comes with traindx."),
    "version": ("version:version", "Print the version."),
}
_OWN = {"-h", "--help", "-V", "--version"}


class Failure(click.ClickException):
    """An error that traindx foresaw, in click's terms: exit code 2, told on standard error."""

    exit_code = 2

    def __init__(self, error: TraindxError) -> None:
        super().__init__(str(error))
        self.error = error

    def show(self, file: Any = None) -> None:  # noqa: ARG002 - click's signature
        """Write problem, place and hint."""
        complain(self.error.problem, where=self.error.where, hint=self.error.hint)


class Root(click.Group):
    """The group of all commands. Help needs none of them imported."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - the same
        """Import a command on its first use."""
        if cmd_name not in COMMANDS:
            return None
        module, attribute = COMMANDS[cmd_name][0].split(":")
        command = getattr(import_module(f"traindx.cli.{module}"), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands from the table."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, told) for name, (_, told) in COMMANDS.items()])

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put ``check`` in front of a path or of an option that is not this group's own."""
        if args and _is_for_check(args[0]):
            args = ["check", *args]
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; name the nearest ones where there is none of that name."""
        if args[0] not in COMMANDS and not ctx.resilient_parsing:
            _refuse(args[0])
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command, with foreseen errors in click's terms."""
        try:
            return super().invoke(ctx)
        except TraindxError as error:
            raise Failure(error) from error


def _is_for_check(argument: str) -> bool:
    if argument in COMMANDS or argument in _OWN:
        return False
    return argument.startswith("-") or _looks_like_a_path(argument)


def _looks_like_a_path(argument: str) -> bool:
    return any(sign in argument for sign in "./\\*:") or os.path.lexists(argument)


def _refuse(name: str) -> NoReturn:
    nearest = unknown_name("command", name, COMMANDS)
    raise UsageError(
        f"unknown command {name!r}, and there is no file of that name",
        hint=nearest.hint or "traindx --help lists the commands",
    )


@click.group(cls=Root, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, "-V", "--version", prog_name="traindx", message="%(prog)s %(version)s")
def app() -> None:
    """Read the log of a training run and say, against theory, whether the run is healthy.

    \b
    traindx run.log                        judge a log, a directory, or - for standard input
    traindx run.log --set batch_size=256   tell what the log does not say
    traindx demo                           see an answer without having a log

    Exit codes: 0 nothing found, 1 findings, 2 misuse or unreadable input, 3 inconclusive (with --require-verdict),
    4 a bug in traindx. Shell completion: eval "$(_TRAINDX_COMPLETE=bash_source traindx)", or zsh_source, fish_source.
    """  # noqa: D301 - click keeps the lines of a paragraph behind a backspace sign

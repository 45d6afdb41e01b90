"""What a person asked of ``traindx check``, from command line, environment and configuration together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, final

import click

from traindx.cli.configuration import Configuration
from traindx.cli.options import codes_of, facts_of, roles_of

FORMATS = ("text", "json", "jsonl", "md")
FAIL_ON = ("error", "warning", "never")
Codes = tuple[str, ...]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Options by the names they have on the command line; steps are those of the log."""

    paths: tuple[str, ...]
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])
    roles: Mapping[str, Any] = field(default_factory=dict[str, Any])
    configuration: Configuration = field(default_factory=Configuration)
    stdin_filename: str = ""
    metric: str | None = None
    data_baselines: str | None = None
    since: float | None = None
    until: float | None = None
    select: Codes = ()
    ignore: Codes = ()
    explain: Codes = ()
    format: str | None = None
    output: Path | None = None
    fail_on: str = "warning"
    exit_zero: bool = False
    require_verdict: bool = False
    max_findings: int = 5
    show_evidence: bool = False
    color: bool | None = None
    plain: bool = False
    quiet: bool = False
    verbose: int = 0

    @staticmethod
    def of(ctx: click.Context) -> Request:
        """Return the request that the parameters of a command make."""
        given: dict[str, Any] = dict(ctx.params)
        for name in ("config", "no_config"):
            given.pop(name, None)
        for name in ("select", "ignore", "explain", "extend_select"):
            given[name] = codes_of(given.get(name, ()))
        extra = given.pop("extend_select")
        given["select"] = (*given["select"], *extra) if given["select"] else ()
        given["facts"], given["roles"] = facts_of(given["facts"]), roles_of(given["roles"])
        return Request(configuration=ctx.obj or Configuration(), **given)

"""``traindx rules``: all rules, one line each."""

from __future__ import annotations

import json
from dataclasses import MISSING, fields
from typing import TYPE_CHECKING, Any, cast

import click

from traindx.cli.looks import look_for
from traindx.cli.options import look_options
from traindx.cli.streams import write_bytes, write_text

if TYPE_CHECKING:
    from traindx.render import Look, RulePage


@click.command()
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", help="How to answer.")
@look_options
def rules(form: str, *, color: bool | None, plain: bool) -> None:
    """List all rules: code, name and what each says."""
    if form == "json":
        listed = [{"code": p.code, "name": p.name, "summary": p.summary, "page": p.page} for p in pages()]
        write_bytes((json.dumps(listed, indent=2, ensure_ascii=False) + "\n").encode())
        return
    show_rules(look_for(colour=color, plain=plain))


def show_rules(look: Look) -> None:
    """Write the table of rules."""
    from traindx.render import rules_text

    write_text(rules_text(pages(), look))


def pages() -> list[RulePage]:
    """Return the page of every rule, in order of code."""
    from traindx.render import RulePage
    from traindx.rules import ALL_RULES, figures_of

    return [
        RulePage(
            code=rule.meta.code,
            name=rule.meta.name,
            summary=rule.meta.summary,
            page=rule.__doc__ or "",
            needs=[(key.name, key.meaning) for key in rule.needs],
            may_use=[(key.name, key.meaning) for key in rule.may_use],
            options=[(f.name, repr(f.default)) for f in fields(cast("Any", rule)) if f.default is not MISSING],
            measured=figures.sentence if (figures := figures_of(rule.meta.code)) else "",
        )
        for rule in sorted(ALL_RULES, key=lambda rule: rule.meta.code)
    ]

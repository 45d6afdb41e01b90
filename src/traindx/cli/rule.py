"""``traindx rule``: the page of one rule."""

from __future__ import annotations

import click

from traindx.cli.looks import look_for
from traindx.cli.options import look_options
from traindx.cli.rules import pages, show_rules
from traindx.cli.streams import write_text
from traindx.errors import unknown_name


@click.command()
@click.argument("code", required=False)
@look_options
def rule(code: str | None, *, color: bool | None, plain: bool) -> None:
    """Explain one rule, by its code or name: what it looks at, why it matters, when it is wrong."""
    from traindx.render import rule_text

    look = look_for(colour=color, plain=plain)
    if code is None:
        show_rules(look)
        return
    found = {name: page for page in pages() for name in (page.code, page.name)}
    page = found.get(code.upper()) or found.get(code.lower())
    if page is None:
        raise unknown_name("rule", code.upper(), found)
    write_text(rule_text(page, look))

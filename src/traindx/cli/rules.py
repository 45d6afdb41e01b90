"""``traindx rules``: all rules, one line each."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import MISSING, fields
from typing import TYPE_CHECKING, Any

import click

from traindx.cli.looks import look_for
from traindx.cli.options import look_options
from traindx.cli.streams import write_bytes, write_text

if TYPE_CHECKING:
    from traindx.diagnosis import Check
    from traindx.render import Look, RulePage


@click.command()
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", help="How to answer.")
@look_options
def rules(form: str, *, color: bool | None, plain: bool) -> None:
    """List all rules: code, name and what each says."""
    if form == "json":
        listed = [
            {"code": p.code, "name": p.name, "summary": p.summary, "page": p.page, "asked_of": p.asked_of}
            for p in pages()
        ]
        write_bytes((json.dumps(listed, indent=2, ensure_ascii=False) + "\n").encode())
        return
    show_rules(look_for(colour=color, plain=plain))


def show_rules(look: Look) -> None:
    """Write the table of rules."""
    from traindx.render import rules_text

    write_text(rules_text(pages(), look))


def pages() -> list[RulePage]:
    """Return the page of every rule of runs, then of every check of datasets, of embeddings and of models, each in order of code."""
    from traindx.dataset import DATA_CHECKS
    from traindx.probe import PROBE_CHECKS
    from traindx.retrieval import EMBEDDING_CHECKS

    return [
        *_of_runs(),
        *_of_data(DATA_CHECKS, "datasets", "traindx data train.npz"),
        *_of_data(EMBEDDING_CHECKS, "embeddings", "traindx retrieval queries.npy gallery.npy"),
        *_of_data(PROBE_CHECKS, "models before training", "traindx.probe.run(model, loss, batch)"),
    ]


def _of_runs() -> list[RulePage]:
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
            options=_options(rule),
            measured=figures.sentence if (figures := figures_of(rule.meta.code)) else "",
        )
        for rule in sorted(ALL_RULES, key=lambda rule: rule.meta.code)
    ]


def _of_data(checks: Iterable[type[Check[Any]]], asked_of: str, command: str) -> list[RulePage]:
    from traindx.render import RulePage

    return [
        RulePage(
            code=check.meta.code,
            name=check.meta.name,
            summary=check.meta.summary,
            page=check.__doc__ or "",
            options=_options(check),
            asked_of=asked_of,
            command=command,
        )
        for check in sorted(checks, key=lambda check: check.meta.code)
    ]


def _options(question: Any) -> list[tuple[str, str]]:
    return [(f.name, repr(f.default)) for f in fields(question) if f.default is not MISSING]

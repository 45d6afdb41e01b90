"""A rule's page and the table of rules as terminal text. Pages are the Markdown of docstrings: headings, lists, prose."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from textwrap import dedent
from typing import final

from traindx.render.look import Look
from traindx.render.page import Page


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class RulePage:
    """What is told of one rule: its page in Markdown, what it needs, its options, and how often it was right.

    ``asked_of`` is what it is a question about (a run, a dataset, embeddings), and ``command`` what asks it, where that is not ``traindx check``.
    """

    code: str
    name: str
    summary: str
    page: str
    needs: Sequence[tuple[str, str]] = ()
    may_use: Sequence[tuple[str, str]] = ()
    options: Sequence[tuple[str, str]] = ()
    measured: str = ""
    asked_of: str = "runs"
    command: str = ""


def rules_text(rules: Iterable[RulePage], look: Look) -> str:
    """Return the table of rules: code, name, summary, under a heading for each kind of thing that they are asked of."""
    page = Page(look)
    shown = list(rules)
    wide = max((len(rule.name) for rule in shown), default=0)
    several = len({rule.asked_of for rule in shown}) > 1
    above = ""
    for rule in shown:
        if several and rule.asked_of != above:
            above = rule.asked_of
            page.heading(f"Asked of {above}")
        lead = ((f"{rule.code}  ", "code"), (rule.name.ljust(wide) + "  ", ""))
        page.hang(lead, (rule.summary, "quiet"), indent=len(rule.code) + wide + 4)
    page.blank()
    if shown:
        page.row(("next: ", "quiet"), (f"traindx rule {shown[0].code}", "command"))
    return page.string()


def rule_text(rule: RulePage, look: Look) -> str:
    """Return the whole page of a rule, with what it needs and an example of its use."""
    page = Page(look)
    page.row((f"{rule.code}  ", "code"), (rule.name, "heading"))
    page.blank()
    for block in _blocks(rule.page):
        _block(page, block)
    _pairs(page, "What it needs", rule.needs)
    _pairs(page, "What it uses where it is known", rule.may_use)
    _pairs(page, "Options", rule.options)
    if rule.measured:
        page.heading("How often it is right")
        page.hang((("  ", ""),), (rule.measured, ""), indent=2)
    page.heading("Example")
    page.row((f"  {rule.command or f'traindx run.log --select {rule.code} --explain {rule.code}'}", "command"))
    if rule.options and not rule.command:
        page.blank()
        page.row(("  # traindx.toml", "quiet"))
        page.row((f"  [rules.{rule.code}]", ""))
        page.row((f"  {rule.options[0][0]} = {rule.options[0][1]}", ""))
    return page.string()


def _blocks(text: str) -> list[list[str]]:
    """Split Markdown into blocks at empty lines; the first line of a docstring has no indent of its own."""
    first, _, rest = text.partition("\n")
    blocks: list[list[str]] = [[]]
    for line in [first.strip(), *dedent(rest).splitlines()]:
        if line.strip():
            blocks[-1].append(line.rstrip())
        elif blocks[-1]:
            blocks.append([])
    return [block for block in blocks if block]


def _block(page: Page, block: Sequence[str]) -> None:
    if block[0].startswith("#"):
        page.heading(block[0].lstrip("# "))
        block = block[1:]
    if any(line.startswith("    ") for line in block) or (block and block[0].startswith("```")):
        for line in block:
            page.row((f"  {line}", "quiet"))
    else:
        for item in _items(block):
            bullet = item.startswith(("- ", "* "))
            lead = (("- " if bullet else "", ""),)
            page.hang(lead, (item[2:] if bullet else item, ""), indent=2 if bullet else 0)
    page.blank()


def _items(block: Sequence[str]) -> list[str]:
    """Join the lines of a paragraph, and those of each list item."""
    items: list[str] = []
    for line in block:
        if not items or line.startswith(("- ", "* ")):
            items.append(line.strip())
        else:
            items[-1] += " " + line.strip()
    return items


def _pairs(page: Page, title: str, pairs: Sequence[tuple[str, str]]) -> None:
    if not pairs:
        return
    page.heading(title)
    wide = min(max(len(name) for name, _ in pairs), 24)
    for name, told in pairs:
        page.hang((("  ", ""), (name.ljust(wide) + "  ", "code")), (told, ""), indent=wide + 4)

"""Baselines as terminal text: the ladder of one family, the list of families, the page of one family."""

from __future__ import annotations

from collections.abc import Iterable

from traindx.baselines import Family, Ladder, Parameter
from traindx.diagnosis import Mark
from traindx.render.look import Look
from traindx.render.numbers import number
from traindx.render.page import Page
from traindx.render.ruler import Row, ruler

_RUNGS = {
    "floor": "the best that can be reached",
    "typical": "what published runs reach",
    "trivial": "the best constant answer",
    "chance": "a guesser without information",
    "initial": "a fresh network",
}


def ladder_text(ladder: Ladder, look: Look) -> str:
    """Return the baselines of one loss or metric, with formula, meaning, conditions and source."""
    page = Page(look)
    given = ", ".join(f"{key} {value}" for key, value in ladder.facts.items() if value is not False)
    page.row((ladder.family, "heading"), (f"  {given}" if given else "", ""))
    way = "higher is better" if ladder.higher_is_better else "lower is better"
    page.row((f"  {way}", "quiet"))
    if not look.plain:
        _draw(page, ladder)
    for rung in ladder.rungs:
        page.blank()
        unit = f" {rung.unit}" if rung.unit else ""
        formula = f" = {rung.formula}" if rung.formula else ""
        page.row((f"  {rung.rung:<8}", "heading"), (f"{number(rung.value)}{unit}", "now"), (formula, ""))
        page.hang((("", ""),), (rung.meaning or _RUNGS[rung.rung], ""), indent=10)
        for word, text in (("holds for: ", rung.conditions), ("source: ", rung.source)):
            if text:
                page.hang((("", ""),), (word, "quiet"), (text, "quiet"), indent=10)
    return page.string()


def _draw(page: Page, ladder: Ladder) -> None:
    first = {rung.rung: Mark(rung.rung, rung.value, "") for rung in reversed(ladder.rungs)}
    rows: list[Row] = ruler(tuple(first.values()), width=max(page.look.width - 4, 20), glyphs=page.glyphs)
    if rows:
        page.blank()
    for row in rows:
        page.placed(row, indent=2)


def families_text(families: Iterable[Family], look: Look) -> str:
    """Return the list of families, one line each."""
    page = Page(look)
    shown = list(families)
    wide = max((len(family.name) for family in shown), default=0)
    for family in shown:
        page.hang((("  ", ""), (family.name.ljust(wide), "code"), ("  ", "")), (family.summary, ""), indent=wide + 4)
    page.blank()
    page.row(("  next: ", "quiet"), ("traindx baseline FAMILY --help", "command"))
    return page.string()


def family_text(family: Family, look: Look) -> str:
    """Return what a family takes."""
    page = Page(look)
    page.hang(((f"{family.name}", "heading"), ("  ", "")), (family.summary, ""), indent=len(family.name) + 2)
    if family.aliases:
        page.row((f"  also called {', '.join(family.aliases)}", "quiet"))
    if family.parameters:
        page.heading("Options")
    for parameter in family.parameters:
        page.row((f"  {_usage(parameter)}", "command"), ("  required" if parameter.required else "", "warning"))
        page.hang((("", ""),), (_meaning(parameter), ""), indent=6)
    example = " ".join(f"--{_dashed(p.name)} {p.example}" for p in family.parameters if p.required)
    page.blank()
    page.row(("  example: ", "quiet"), (f"traindx baseline {family.name} {example}".rstrip(), "command"))
    return page.string()


def _dashed(name: str) -> str:
    return name.replace("_", "-")


def _usage(parameter: Parameter) -> str:
    names = ", ".join(f"--{_dashed(name)}" for name in (parameter.name, *parameter.aliases))
    return names if parameter.type == "bool" else f"{names} {parameter.type.upper()}"


def _meaning(parameter: Parameter) -> str:
    told = [parameter.meaning, f"one of {', '.join(parameter.choices)}" if parameter.choices else ""]
    told.append("" if parameter.default is None else f"{parameter.default} where not given")
    return "; ".join(filter(None, told))

"""Well-known constants that a value equals, as terminal text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from traindx.render.look import Look
from traindx.render.numbers import percent
from traindx.render.page import Page

if TYPE_CHECKING:
    from traindx.baselines import Match


def matches_text(value: str, matches: Sequence[Match], look: Look) -> str:
    """Return what ``value``, as it was printed, may mean: the likeliest first, with the odds of a coincidence."""
    page = Page(look)
    if not matches:
        page.row((f"{page.glyphs.unsure} ", "unsure"), (f"{value} is no constant that theory knows", ""))
        page.hang(
            (("", ""),), ("give all digits that were printed, or facts, as --set batch_size=256", "quiet"), indent=2
        )
        return page.string()
    first = matches[0]
    near = "exact" if first.error == 0 else f"exact to {first.decimals} decimals"
    page.row((f"{value} = {first.formula}", "heading"), (f"  ({near})", "quiet"))
    for match in matches:
        page.blank()
        _match(page, match)
    return page.string()


def _match(page: Page, match: Match) -> None:
    known = "from the facts given, " if match.from_facts else ""
    lead = ((f"  {match.formula}  ", "code"),)
    page.hang(lead, (match.meaning, ""), indent=4 + len(match.formula), right=percent(match.confidence))
    told = f"{known}off by {abs(match.error):.2g}; a random value matches as well in {100 * match.odds:.2g} % of cases"
    page.hang((("", ""),), (told, "quiet"), indent=4)
    if match.conditions:
        page.hang((("", ""),), (f"holds for: {match.conditions}", "quiet"), indent=4)

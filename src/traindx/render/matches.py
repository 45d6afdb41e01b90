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
    """Return what ``value``, as it was printed, may mean: the likeliest first."""
    page = Page(look)
    if not matches:
        page.row((f"{page.glyphs.unsure} ", "unsure"), (f"{value} is no constant that theory knows", ""))
        page.hang((("", ""),), ("give more digits as printed, or facts: --set batch_size=256", "quiet"), indent=2)
        return page.string()
    return page.string()

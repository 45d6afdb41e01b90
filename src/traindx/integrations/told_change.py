"""One change of state as a title and a text, for tools that show findings beside a run. Names out of a log are cleaned and cut."""

from __future__ import annotations

from typing import Final

from traindx.live import Change
from traindx.render import shorten

_LINE: Final = 300
"""Characters of one line: a headline has under two hundred, unless a metric's name is an essay."""


def title_of(change: Change, limit: int) -> str:
    """Return the code and the headline in at most ``limit`` characters."""
    return shorten(f"{change.prefix}{change.finding.code} {change.finding.headline}", limit)


def text_of(change: Change) -> str:
    """Return where, what, why and what to do, a line each."""
    finding = change.finding
    at = "" if change.step is None else f"step {change.step:,.0f}: "
    lines = [f"{at}{change.prefix}{finding.headline} ({100 * finding.confidence:.0f} %)"]
    if change.state != "cleared":
        lines += [finding.why, *(f"do: {one}" for one in finding.do)]
    return "\n".join(shorten(line, _LINE) for line in lines if line)

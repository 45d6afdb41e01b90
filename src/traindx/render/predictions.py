"""What ``traindx predict`` shows: the future of each run, as terminal text or Markdown."""

from __future__ import annotations

from collections.abc import Iterable

from traindx.diagnosis import Outlook
from traindx.render.future import future_section
from traindx.render.look import Look
from traindx.render.markdown import escape, future_markdown
from traindx.render.page import Page


def predictions_text(forecasts: Iterable[tuple[str, Outlook]], look: Look) -> str:
    """Return the forecasts of named runs as text for a terminal."""
    page = Page(look)
    for name, outlook in forecasts:
        page.blank()
        page.row((name, "heading"))
        future_section(page, outlook)
    return page.string()


def predictions_markdown(forecasts: Iterable[tuple[str, Outlook]]) -> str:
    """Return the forecasts of named runs as Markdown."""
    return "\n".join(f"## {escape(name)}\n\n{future_markdown(outlook)}\n" for name, outlook in forecasts)

"""A run that goes on, in single lines: its verdict, what changed, a sign of life."""

from __future__ import annotations

from typing import Final

from traindx.diagnosis import Finding, Report, Scale
from traindx.render.findings import STATES, glyph
from traindx.render.look import Look
from traindx.render.numbers import number, percent, step
from traindx.render.page import Page, Piece
from traindx.render.untrusted import shorten

_NAME: Final = 40
_WORDS: Final = {"appeared": "appeared", "worse": "worse   ", "cleared": "cleared "}


def verdict_line(report: Report, look: Look, lead: str = "") -> str:
    """Return the verdict in one line after ``lead``: sign, state, name, step, summary."""
    style = STATES[report.verdict.state]
    page = Page(look)
    page.whole(
        (lead, "quiet"),
        (f"{glyph(page.glyphs, style)} {report.verdict.state.upper()}", style),
        (f"  {_where(report, page)}: {report.verdict.summary}", ""),
    )
    return page.string()


def action_line(report: Report, look: Look, lead: str = "") -> str:
    """Return what to do now in one line."""
    page = Page(look)
    page.whole((lead, "quiet"), ("  do now: ", "heading"), (report.action.text, ""))
    return page.string()


def change_line(state: str, finding: Finding, at: float | None, look: Look, lead: str = "") -> str:
    """Return one change in one line: ``appeared``, ``worse`` or ``cleared``, and the finding that it is about."""
    style = finding.severity.value
    page = Page(look)
    told: list[Piece] = [(lead, "quiet"), (f"  {_WORDS.get(state, state)} ", "heading")]
    told += [(f"{glyph(page.glyphs, style)} ", style), (f"{finding.code} ", "code")]
    after = (
        f" (step {step(at)}, {percent(finding.confidence)})" if at is not None else f" ({percent(finding.confidence)})"
    )
    page.whole(*told, (finding.headline, ""), (after, "quiet"))
    return page.string()


def pulse_line(report: Report, look: Look, lead: str = "", *, note: str = "") -> str:
    """Return a sign of life: where the run is, and its loss."""
    page = Page(look)
    parts = [_where(report, page), _now(report.scale), f"{report.verdict.state}", note]
    page.whole((lead, "quiet"), ("  " + f" {page.glyphs.dot} ".join(filter(None, parts)), "quiet"))
    return page.string()


def note_line(text: str, look: Look, lead: str = "") -> str:
    """Return a remark on the watching itself."""
    page = Page(look)
    page.whole((lead, "quiet"), (f"{page.glyphs.unsure} ", "unsure"), (text, ""))
    return page.string()


def _where(report: Report, page: Page) -> str:
    at = f" {page.glyphs.dot} step {step(report.last_step)}" if report.last_step is not None else ""
    return shorten(report.name, _NAME, page.glyphs.cut) + at


def _now(scale: Scale | None) -> str:
    mark = next((mark for mark in scale.marks if mark.name == "current"), None) if scale else None
    return f"{shorten(scale.series, _NAME)} {number(mark.value)}" if scale and mark else ""

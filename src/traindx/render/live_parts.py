"""The parts of a report that a live view shows, each as text of its own: they are those of the printed report, shorter."""

from __future__ import annotations

from traindx.diagnosis import Finding, Report, Scale
from traindx.render.findings import finding_rows, glyph
from traindx.render.future import future_lines
from traindx.render.look import Look
from traindx.render.numbers import percent
from traindx.render.page import Page
from traindx.render.ruler import drawable, ruler
from traindx.render.terminal import verdict_rows

_INDENT = 2


def verdict_text(report: Report, look: Look) -> str:
    """Return the verdict with its sentence, and what to do now."""
    page = Page(look)
    verdict_rows(page, report)
    return page.string().replace("\n\n", "\n").rstrip("\n")


def ruler_text(scale: Scale | None, look: Look) -> str:
    """Return the ruler of the judged loss; nothing where it has no two places on it."""
    marks = drawable(scale.marks) if scale else ()
    if not marks or look.plain:
        return ""
    page = Page(look)
    for row in ruler(marks, width=max(look.width - 2 * _INDENT, 20), glyphs=page.glyphs):
        page.placed(row, indent=_INDENT)
    return page.string().rstrip("\n")


def finding_line(place: int, finding: Finding, look: Look) -> str:
    """Return a finding in one line: its number, sign, code, confidence and headline."""
    page = Page(look)
    style = finding.severity.value
    lead = ((f"{place} ", ""), (f"{glyph(page.glyphs, style)} ", style), (f"{finding.code}  ", "code"))
    page.whole(*lead, (f"{percent(finding.confidence):>4}  ", "quiet"), (finding.headline, ""))
    return page.string().rstrip("\n")


def finding_text(finding: Finding, look: Look) -> str:
    """Return everything about one finding: all its evidence, why, what to do, what would refute it."""
    page = Page(look)
    finding_rows(page, [finding])
    return page.string().rstrip("\n")


def forecast_text(report: Report, look: Look) -> str:
    """Return where the run will end; nothing where there is nothing to say, as of a run that fails."""
    if report.forecast is None or report.verdict.state == "failing":
        return ""
    lines = future_lines(report.forecast)
    if not lines:
        return ""
    told = dict(reversed(lines))
    page = Page(look)
    page.hang((("  forecast  ", "heading"),), (told.get("end") or lines[0][1], ""), indent=12)
    return page.string().rstrip("\n")

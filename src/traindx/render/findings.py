"""Findings as rows of a page: sign, code, headline, confidence, evidence, and what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from traindx.diagnosis import Finding, Severity
from traindx.render.evidence import evidence_text
from traindx.render.look import Glyphs
from traindx.render.numbers import counted, percent
from traindx.render.page import Page

STATES = {"failing": "error", "attention": "warning", "healthy": "ok", "inconclusive": "unsure"}
_EVIDENCE_SHOWN = 2  # more than two lines for each finding would push the second finding off the first screen
_DECIDED = {"log": "the log alone", "facts": "the log and facts", "data": "the data"}


def glyph(glyphs: Glyphs, style: str) -> str:
    """Return the sign of a style: of a severity, or of a verdict."""
    return {
        "error": glyphs.error,
        "warning": glyphs.warning,
        "info": glyphs.info,
        "ok": glyphs.ok,
        "unsure": glyphs.unsure,
    }[style]


def finding_rows(page: Page, findings: Sequence[Finding]) -> None:
    """Add the findings under their heading, as many as the look asks for."""
    if not findings:
        return
    counts = Counter(f.severity for f in findings)
    tally = "  ".join(f"{glyph(page.glyphs, s.value)} {counts[s]}" for s in Severity if counts[s])
    page.heading("Findings", tally)
    shown = findings if page.look.explain or page.look.detail else findings[: page.look.max_findings]
    for place, finding in enumerate(shown, 1):
        _finding(page, place, finding)
    if len(shown) < len(findings):
        rest = len(findings) - len(shown)
        page.row((f"  and {counted(rest, 'more finding')}: --max-findings {len(findings)}", "quiet"))


def _finding(page: Page, place: int, finding: Finding) -> None:
    style, indent = finding.severity.value, 5
    lead = ((f"{place} ", ""), (f"{glyph(page.glyphs, style)} ", style), (f"{finding.code}  ", "code"))
    beside = page.text(*lead).cell_len
    page.hang(lead, (finding.headline, ""), indent=beside, right=percent(finding.confidence))
    explained = any(finding.code.startswith(prefix) for prefix in page.look.explain)
    full = explained or page.look.detail > 0
    kept = finding.evidence if full or page.look.show_evidence else finding.evidence[:_EVIDENCE_SHOWN]
    for evidence in kept:
        page.hang((("     ", ""),), (evidence_text(evidence, page.glyphs), "quiet"), indent=indent)
    if full:
        _explained(page, finding)
        return
    if page.look.show_why and finding.why:
        page.hang((("     ", ""), ("why: ", "heading")), (finding.why, ""), indent=indent + 5)
    if finding.do:
        page.hang((("     ", ""), ("do: ", "heading")), (finding.do[0], ""), indent=indent + 4)


def _explained(page: Page, finding: Finding) -> None:
    told = [("why: ", finding.why), *(("do: ", each) for each in finding.do), ("refuted if: ", finding.check)]
    told.append(("decided by: ", _DECIDED[finding.decided_by]))
    for word, text in told:
        if text:
            page.hang((("     ", ""), (word, "heading")), (text, ""), indent=5 + len(word))

"""The facts of a run, as text and as JSON: what is known, how it is known, and what is missing."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from traindx.diagnosis import Report
from traindx.render.json_v1 import json_document
from traindx.render.look import Look
from traindx.render.next_steps import would
from traindx.render.numbers import fact_value
from traindx.render.page import Page
from traindx.render.untrusted import shorten


def facts_text(report: Report, look: Look) -> str:
    """Return the facts of one run: key, value, origin and source of each; then what would help."""
    page = Page(look)
    page.row((shorten(report.name, max(look.width - 20, 12), page.glyphs.cut), "heading"))
    page.heading("Known")
    wide = min(max((len(fact.key) for fact in report.facts), default=0), 24)
    for fact in report.facts:
        lead = (("  ", ""), (fact.key.ljust(wide) + "  ", "code"))
        source = f": {fact.source}" if fact.source else ""
        page.hang(lead, (fact_value(fact.value), ""), (f"  {fact.origin}{source}", "quiet"), indent=wide + 4)
    if not report.facts:
        page.row(("  nothing but the curves", ""))
    if report.missing_facts:
        page.heading("Missing")
    for missing in report.missing_facts:
        sign = ((f"{page.glyphs.unsure} ", "unsure"),)
        told = ((f"{missing.key}=VALUE", "command"), (f"  {would(missing)}", ""))
        page.hang(sign, *told, indent=2)
    if report.missing_facts:
        page.blank()
        page.row(("  next: ", "quiet"), (f"traindx facts set {report.missing_facts[0].key}=VALUE", "command"))
    return page.string()


def facts_json(reports: Iterable[Report], *, version: str) -> str:
    """Return facts and missing facts of each run, in the shapes of report version 1."""
    document = msgspec.json.decode(json_document(reports, version=version))
    kept = ("name", "facts", "missing_facts")
    document["runs"] = [{key: run[key] for key in kept} for run in document["runs"]]
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"

"""A report as text: for terminals, for Markdown, as JSON version 1. Each renderer is a pure function of the report."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from traindx.render.audit_document import audit_json
    from traindx.render.audit_in_markdown import audit_markdown
    from traindx.render.audit_terminal import audit_text
    from traindx.render.choice import Chosen, picks_json, picks_markdown, picks_text
    from traindx.render.comparison import comparisons_json, comparisons_markdown, comparisons_text
    from traindx.render.curve_chart import Drawing, chart_rows, levels_told
    from traindx.render.doctor import doctor_text
    from traindx.render.doctor_document import doctor_json
    from traindx.render.encoders import encoders_csv, encoders_markdown, encoders_text
    from traindx.render.facts import facts_json, facts_text
    from traindx.render.future import duration
    from traindx.render.json_v1 import json_document, json_line
    from traindx.render.live_lines import action_line, change_line, note_line, pulse_line, verdict_line
    from traindx.render.live_parts import finding_line, finding_text, forecast_text, ruler_text, verdict_text
    from traindx.render.look import Look
    from traindx.render.markdown import markdown_text
    from traindx.render.matches import matches_text
    from traindx.render.page import Page
    from traindx.render.prediction_json import forecasts_json
    from traindx.render.predictions import predictions_markdown, predictions_text
    from traindx.render.retrieval import retrieval_text
    from traindx.render.retrieval_document import retrievals_json
    from traindx.render.retrieval_in_markdown import retrieval_csv, retrieval_markdown
    from traindx.render.rule_page import RulePage, rule_text, rules_text
    from traindx.render.schema import audit_schema, report_schema, retrieval_schema
    from traindx.render.streams import carries_drawings, encoding_of, wants_colour, width_of
    from traindx.render.terminal import one_line, tally, terminal_text
    from traindx.render.theory import families_text, family_text, ladder_text
    from traindx.render.theory_json import ladder_json, matches_json
    from traindx.render.untrusted import clean, shorten

_HOMES = {
    "width_of": "streams",
    "wants_colour": "streams",
    "encoding_of": "streams",
    "carries_drawings": "streams",
    "Chosen": "choice",
    "Drawing": "curve_chart",
    "Look": "look",
    "Page": "page",
    "RulePage": "rule_page",
    "action_line": "live_lines",
    "audit_json": "audit_document",
    "audit_markdown": "audit_in_markdown",
    "audit_schema": "schema",
    "audit_text": "audit_terminal",
    "change_line": "live_lines",
    "chart_rows": "curve_chart",
    "clean": "untrusted",
    "comparisons_json": "comparison",
    "comparisons_markdown": "comparison",
    "comparisons_text": "comparison",
    "doctor_json": "doctor_document",
    "doctor_text": "doctor",
    "duration": "future",
    "encoders_csv": "encoders",
    "encoders_markdown": "encoders",
    "encoders_text": "encoders",
    "facts_json": "facts",
    "facts_text": "facts",
    "families_text": "theory",
    "family_text": "theory",
    "finding_line": "live_parts",
    "finding_text": "live_parts",
    "forecast_text": "live_parts",
    "forecasts_json": "prediction_json",
    "json_document": "json_v1",
    "json_line": "json_v1",
    "ladder_json": "theory_json",
    "ladder_text": "theory",
    "levels_told": "curve_chart",
    "markdown_text": "markdown",
    "matches_json": "theory_json",
    "matches_text": "matches",
    "note_line": "live_lines",
    "one_line": "terminal",
    "picks_json": "choice",
    "picks_markdown": "choice",
    "picks_text": "choice",
    "predictions_markdown": "predictions",
    "predictions_text": "predictions",
    "pulse_line": "live_lines",
    "report_schema": "schema",
    "retrieval_csv": "retrieval_in_markdown",
    "retrieval_markdown": "retrieval_in_markdown",
    "retrieval_schema": "schema",
    "retrieval_text": "retrieval",
    "retrievals_json": "retrieval_document",
    "rule_text": "rule_page",
    "ruler_text": "live_parts",
    "rules_text": "rule_page",
    "shorten": "untrusted",
    "tally": "terminal",
    "terminal_text": "terminal",
    "verdict_line": "live_lines",
    "verdict_text": "live_parts",
}

__all__ = [
    "Chosen",
    "Drawing",
    "Look",
    "Page",
    "RulePage",
    "action_line",
    "audit_json",
    "audit_markdown",
    "audit_schema",
    "audit_text",
    "carries_drawings",
    "change_line",
    "chart_rows",
    "clean",
    "comparisons_json",
    "comparisons_markdown",
    "comparisons_text",
    "doctor_json",
    "doctor_text",
    "duration",
    "encoders_csv",
    "encoders_markdown",
    "encoders_text",
    "encoding_of",
    "facts_json",
    "facts_text",
    "families_text",
    "family_text",
    "finding_line",
    "finding_text",
    "forecast_text",
    "forecasts_json",
    "json_document",
    "json_line",
    "ladder_json",
    "ladder_text",
    "levels_told",
    "markdown_text",
    "matches_json",
    "matches_text",
    "note_line",
    "one_line",
    "picks_json",
    "picks_markdown",
    "picks_text",
    "predictions_markdown",
    "predictions_text",
    "pulse_line",
    "report_schema",
    "retrieval_csv",
    "retrieval_markdown",
    "retrieval_schema",
    "retrieval_text",
    "retrievals_json",
    "rule_text",
    "ruler_text",
    "rules_text",
    "shorten",
    "tally",
    "terminal_text",
    "verdict_line",
    "verdict_text",
    "wants_colour",
    "width_of",
]


def __getattr__(name: str) -> object:
    """Import a renderer on first use: JSON must not pay for what only a terminal needs."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'traindx.render' has no attribute {name!r}")
    return getattr(import_module(f"traindx.render.{home}"), name)

"""Encoders on the same queries, as the table to paste: terminal text, Markdown and CSV."""

from __future__ import annotations

from collections.abc import Sequence

from traindx.render.look import Look
from traindx.render.markdown import escape, table
from traindx.render.numbers import counted
from traindx.render.page import Page
from traindx.render.retrieval_words import percentage
from traindx.render.untrusted import clean, shorten
from traindx.retrieval import EncoderComparison, EncoderDifference, EncoderRow, Standing, probability

_NAME = 24
_LEGEND = "**Bold** is the best, *tied* what cannot be told from it."


def encoders_text(found: EncoderComparison, look: Look, *, next_commands: Sequence[str] = ()) -> str:
    """Return a comparison of encoders as terminal text."""
    page = Page(look)
    page.hang((("", ""),), (found.sentence, "heading"), indent=0)
    page.heading(f"{found.direction.capitalize()}", _sizes(found))
    rows = [_heads(found), *(_cells(row, _NAME) for row in found.rows)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for place, row in enumerate(rows):
        cells = [
            cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        ]
        page.row(("  " + "  ".join(cells).rstrip(), "quiet" if place == 0 else ""))
    page.row((f"  = tied with the best, * the best; {100 * found.confidence:g} % intervals", "quiet"))
    page.heading("Differences", "paired, with Holm's correction over these pairs")
    for difference in found.differences:
        style = {"better": "ok", "worse": "warning", "tied": "quiet"}[difference.outcome]
        lead = f"  {difference.metric}  {_pair(difference)}  "
        page.hang(
            ((lead, "code"), (f"{difference.outcome}  ", style)), (_told(difference), "quiet"), indent=4 + len(lead)
        )
    if found.limits:
        page.heading("What to keep in mind")
    for limit in found.limits:
        page.hang(((f"{page.glyphs.unsure} ", "unsure"),), (limit, ""), indent=2)
    for command in next_commands:
        page.row(("  next: ", "quiet"), (command, "command"))
    return page.string()


def encoders_markdown(found: EncoderComparison) -> str:
    """Return a comparison of encoders as Markdown, to be pasted into a README or a pull request."""
    heads = ("model", "dimension", *(s.metric for s in found.rows[0].standings))
    rows = [(escape(row.name), f"{row.dimension:,}", *(_with_interval(s) for s in row.standings)) for row in found.rows]
    pairs = [(d.metric, escape(_pair(d)), d.outcome, escape(_told(d))) for d in found.differences]
    parts = [
        escape(found.sentence),
        table(heads, rows),
        f"{found.direction.capitalize()}: {_sizes(found)}; {100 * found.confidence:g} % intervals. {_LEGEND}",
        table(("metric", "pair", "", "difference"), pairs),
        "\n".join(f"- {escape(limit)}" for limit in found.limits),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def encoders_csv(found: EncoderComparison) -> str:
    """Return the table of encoders as CSV, a line for each encoder and metric."""
    lines = ["model,dimension,gallery_size,queries,metric,value,low,high,best,tied"]
    for row in found.rows:
        for s in row.standings:
            told = f"{s.value:.6g},{s.low:.6g},{s.high:.6g},{int(s.best)},{int(s.tied)}"
            lines.append(f"{cell(row.name)},{row.dimension},{found.gallery_size},{found.queries},{s.metric},{told}")
    return "\n".join(lines) + "\n"


def cell(text: str) -> str:
    """Return text as a cell of CSV; signs that a spreadsheet would take for a formula are kept from it by a quote."""
    shown = clean(text).replace('"', '""')
    guarded = "'" + shown if shown[:1] in ("=", "+", "-", "@") else shown
    return f'"{guarded}"' if any(sign in guarded for sign in ',"\n') else guarded


def _heads(found: EncoderComparison) -> tuple[str, ...]:
    units = (f"{s.metric}, % " if s.metric.startswith("R@") else f"{s.metric} " for s in found.rows[0].standings)
    return ("model", "dim.", *units)


def _sizes(found: EncoderComparison) -> str:
    return f"{counted(found.queries, 'query', 'queries')}, {counted(found.gallery_size, 'item', 'items')}"


def _cells(row: EncoderRow, width: int) -> tuple[str, ...]:
    return (shorten(row.name, width), f"{row.dimension:,}", *(_standing(s) for s in row.standings))


def _standing(s: Standing) -> str:
    mark = "*" if s.best else "=" if s.tied else " "
    low, value, high = (_number(s.metric, x).removesuffix(" %") for x in (s.low, s.value, s.high))
    return f"{value} ({low}–{high}){mark}"


def _with_interval(s: Standing) -> str:
    low, value, high = (_number(s.metric, x) for x in (s.low, s.value, s.high))
    shown = f"**{value}**" if s.best else value
    return f"{shown} ({low} to {high})" + (", *tied*" if s.tied else "")


def _number(metric: str, value: float) -> str:
    return percentage(value) + " %" if metric.startswith("R@") else f"{value:.3f}"


def _pair(d: EncoderDifference) -> str:
    return f"{shorten(d.after, _NAME)} against {shorten(d.before, _NAME)}"


def _told(d: EncoderDifference) -> str:
    unit, scale, digits = (" points", 100.0, 1) if d.metric.startswith("R@") else ("", 1.0, 3)
    numbers = [f"{scale * x:+.{digits}f}" for x in (d.difference, d.low, d.high)]
    found = f", {d.gained:,} gained and {d.lost:,} lost" if d.gained is not None and d.lost is not None else ""
    return f"{numbers[0]}{unit} ({numbers[1]} to {numbers[2]}), {probability(d.adjusted)} ({d.by}{found})"

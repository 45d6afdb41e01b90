"""A judged retrieval as Markdown and as CSV."""

from __future__ import annotations

from traindx.render.encoders import cell
from traindx.render.markdown import escape, findings_markdown, table
from traindx.render.retrieval_words import direction_head, level, other_size, span, times, told_limits
from traindx.retrieval import Direction, RetrievalReport

_SIGNS = {"failing": "✖", "attention": "▲", "healthy": "✔", "inconclusive": "?"}


def retrieval_markdown(report: RetrievalReport) -> str:
    """Return a judged retrieval as Markdown: the same order as in the terminal."""
    name = f": {escape(report.name)}" if report.name else ""
    facts = f"{report.similarity}, {report.dimension:,} dimensions, ties: {report.ties}"
    parts = [
        f"## {_SIGNS[report.state]} {report.state.upper()}{name}",
        facts,
        escape(report.verdict),
        *(_direction(way) for way in report.directions),
        _histogram(report.forward),
        findings_markdown(report.findings) if report.findings else "",
        "\n".join(["### What it means", "", *(f"- {m.name}: {escape(m.meaning)}" for m in report.forward.measures)]),
        escape(other_size(report.other_size)) if report.other_size is not None else "",
        "\n".join(f"- {escape(limit)}" for limit in told_limits(report)),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def _direction(way: Direction) -> str:
    rows = [
        (
            m.name,
            level(m, m.value),
            span(m),
            f"{level(m, m.chance)} ({escape(m.formula)})",
            times(m),
            "" if m.ceiling is None else level(m, m.ceiling),
        )
        for m in way.measures
    ]
    heads = ("", "value", "interval", "chance", "times chance", "at best")
    return f"### {escape(way.name.capitalize())}\n\n{direction_head(way)}\n\n{table(heads, rows)}"


def _histogram(way: Direction) -> str:
    rows = [(f"{b.first:,} to {b.last:,}", f"{b.count:,.0f}", f"{b.expected:,.1f}") for b in way.histogram]
    return "### Where the right items stand\n\n" + table(("rank", "queries", "a guesser's"), rows)


def retrieval_csv(report: RetrievalReport) -> str:
    """Return every metric of a judged retrieval as CSV, a line for each."""
    lines = ["direction,queries,gallery_size,metric,value,low,high,chance,times_chance,p_value,ceiling"]
    for way in report.directions:
        for m in way.measures:
            p_value = "" if m.p_value is None else f"{m.p_value:.6g}"
            top = "" if m.ceiling is None else f"{m.ceiling:.6g}"
            numbers = f"{m.value:.6g},{m.low:.6g},{m.high:.6g},{m.chance:.6g},{m.times_chance:.6g}"
            lines.append(f"{cell(way.name)},{way.queries},{way.gallery_size},{m.name},{numbers},{p_value},{top}")
    return "\n".join(lines) + "\n"

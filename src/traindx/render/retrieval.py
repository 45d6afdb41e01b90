"""A judged retrieval as terminal text: the sentence, both directions beside their chance, where right items stand, findings."""

from __future__ import annotations

from collections.abc import Sequence

from traindx.diagnosis import Severity
from traindx.render.findings import STATES, finding_rows, glyph
from traindx.render.look import Look
from traindx.render.page import Page
from traindx.render.retrieval_words import LEAST_BAR, direction_head, level, other_size, span, times, told_limits
from traindx.render.untrusted import shorten
from traindx.retrieval import Bin, Direction, Measure, RetrievalReport

_HEADS = ("", "value", "95 % interval", "chance", "times chance", "at best")
_BARS = 28
_NAME = 44
_SHORT = ("hit_rate", "mrr", "median_rank")  # of the second direction; --verbose shows all


def retrieval_text(report: RetrievalReport, look: Look, *, next_commands: Sequence[str] = ()) -> str:
    """Return a judged retrieval as text for a terminal."""
    page = Page(look)
    _verdict(page, report)
    _direction(page, report.forward, report.confidence, report.forward.measures)
    if report.backward is not None:
        shown = report.backward.measures if look.detail else [m for m in report.backward.measures if m.kind in _SHORT]
        _direction(page, report.backward, report.confidence, shown)
    _histogram(page, report.forward)
    finding_rows(page, report.findings)
    _meanings(page, report.forward)
    _rest(page, report, next_commands)
    return page.string()


def _verdict(page: Page, report: RetrievalReport) -> None:
    style = STATES[report.state]
    facts = [shorten(report.name, _NAME, page.glyphs.cut)] if report.name else []
    facts += [report.similarity, f"{report.dimension:,} dimensions"]
    dot = f" {page.glyphs.dot} "
    page.row((f"{glyph(page.glyphs, style)} {report.state.upper()}", style), ("  " + dot.join(facts), ""))
    page.hang((("", ""),), (report.verdict, ""), indent=2)
    grave = [finding for finding in report.findings if finding.severity is not Severity.INFO and finding.do]
    if grave:
        page.blank()
        page.hang((("  Do now  ", "heading"),), (f"{grave[0].do[0]} ({grave[0].code})", ""), indent=10)


def _direction(page: Page, way: Direction, confidence: float, measures: Sequence[Measure]) -> None:
    page.heading(way.name.capitalize(), direction_head(way))
    heads = tuple(head.replace("95", f"{100 * confidence:g}") for head in _HEADS)
    rows = [heads, *(_cells(m) for m in measures)]
    used = [i for i in range(len(heads)) if i == 0 or any(row[i] for row in rows[1:])]
    widths = [max(len(row[i]) for row in rows) for i in used]
    for place, row in enumerate(rows):
        cells = [
            row[i].ljust(width) if at == 0 else row[i].rjust(width)
            for at, (i, width) in enumerate(zip(used, widths, strict=True))
        ]
        style = "quiet" if place == 0 else "unsure" if measures[place - 1].at_chance else ""
        page.row(("  " + "  ".join(cells), style))


def _cells(measure: Measure) -> tuple[str, ...]:
    best = "" if measure.ceiling is None or measure.ceiling > 1 - 1e-9 else level(measure, measure.ceiling)
    return (
        measure.name,
        level(measure, measure.value),
        span(measure),
        level(measure, measure.chance),
        times(measure),
        best,
    )


def _histogram(page: Page, way: Direction) -> None:
    if way.gallery_size < 2:
        return
    page.heading("Where the right items stand", "queries by rank; in brackets a guesser's")
    ranks = [_ranks(b) for b in way.histogram]
    counts = [f"{b.count:,.0f}" for b in way.histogram]
    expected = [f"({b.expected:,.0f})" if b.expected >= LEAST_BAR else "(<1)" for b in way.histogram]
    most = max(b.count for b in way.histogram) or 1.0
    for b, rank, count, luck in zip(way.histogram, ranks, counts, expected, strict=True):
        bar = "" if page.look.plain else ("█" if page.look.unicode else "#") * round(_BARS * b.count / most)
        row = f"  rank {rank:>{max(map(len, ranks))}}  {count:>{max(map(len, counts))}} {luck:>{max(map(len, expected))}}  "
        page.row((row, ""), (bar, "info"))


def _ranks(b: Bin) -> str:
    return f"{b.first:,}" if b.first == b.last else f"{b.first:,} to {b.last:,}"


def _meanings(page: Page, way: Direction) -> None:
    page.heading("What it means")
    shown = [m for m in way.measures if m.kind in ("hit_rate", "mrr", "mean_rank")]
    for measure in shown if page.look.detail else [m for m in shown if m.k in (None, 1)]:
        page.hang(((f"  {measure.name}  ", "code"),), (measure.meaning, ""), indent=len(measure.name) + 4)


def _rest(page: Page, report: RetrievalReport, next_commands: Sequence[str]) -> None:
    page.heading("What this rests on")
    if report.other_size is not None:
        page.hang((("", ""),), (other_size(report.other_size), ""), indent=2)
    for limit in told_limits(report):
        page.hang(((f"{page.glyphs.unsure} ", "unsure"),), (limit, ""), indent=2)
    checks = f"  checks: {len(report.passed)} passed, {len({f.code for f in report.findings})} with findings"
    page.row((f"{checks}; ties: {report.ties}", "quiet"))
    for command in next_commands:
        page.row(("  next: ", "quiet"), (command, "command"))

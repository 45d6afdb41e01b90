"""A report as terminal text: verdict, action, scale, findings, limits, provenance; the first screen answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from traindx.diagnosis import Cause, Choice, Report, Scale
from traindx.render.causes import NO_LEADER, reasons, told_causes
from traindx.render.choice import choice_rows
from traindx.render.findings import STATES, finding_rows, glyph
from traindx.render.future import future_section
from traindx.render.look import Look
from traindx.render.next_steps import asked_facts, next_commands, would
from traindx.render.numbers import counted, fact_value, number, percent, step
from traindx.render.page import Page, Piece
from traindx.render.ruler import axis_of, drawable, label, ruler
from traindx.render.untrusted import shorten

_INDENT = 2
_FACTS_SHOWN = 4


def terminal_text(report: Report, look: Look) -> str:
    """Return ``report`` as text for a terminal, with ANSI colours where ``look`` asks for them."""
    page = Page(look)
    verdict_rows(page, report)
    _scale(page, report.scale)
    finding_rows(page, report.findings)
    _causes(page, report.causes)
    if report.verdict.state != "failing" or page.look.detail:  # a broken run has no future, which is said above
        future_section(page, report.forecast)
    _checkpoint(page, report.checkpoint)
    _limits(page, report)
    _provenance(page, report)
    return page.string()


def verdict_rows(page: Page, report: Report) -> None:
    """Add the verdict with its sentence, and what to do now."""
    verdict, dot = report.verdict, f" {page.glyphs.dot} "
    style = STATES[verdict.state]
    facts = [shorten(report.name, max(page.look.width - 44, 12), page.glyphs.cut)]
    if report.last_step is not None:
        facts.append(f"step {step(report.last_step)}")
    if verdict.stage != "unknown":
        facts.append(f"stage {verdict.stage}")
    facts.append(f"{percent(verdict.confidence)} sure")
    page.row((f"{glyph(page.glyphs, style)} {verdict.state.upper()}", style), ("  " + dot.join(facts), ""))
    page.hang((("", ""),), (verdict.summary, ""), indent=_INDENT)
    page.blank()
    page.hang((("  Do now  ", "heading"),), (report.action.text, ""), indent=10)


def _scale(page: Page, scale: Scale | None) -> None:
    if scale is None:
        return
    marks = drawable(scale.marks)
    width = max(page.look.width - 2 * _INDENT, 20)
    log = bool(marks) and axis_of([m.value for m in marks], width).log
    unit = [shorten(scale.series, 32, page.glyphs.cut), scale.unit, "log axis" if log and not page.look.plain else ""]
    page.heading("Where is my loss?", ", ".join(filter(None, unit)))
    if page.look.plain or not marks:
        for mark in marks or scale.marks:
            page.row((f"  {label(mark)}", ""))
    else:
        for row in ruler(marks, width=width, glyphs=page.glyphs):
            page.placed(row, indent=_INDENT)
    words = _scale_words(scale)
    if words:
        page.hang((("", ""),), (words, "quiet"), indent=_INDENT)


def _scale_words(scale: Scale) -> str:
    if scale.sentence:
        return scale.sentence
    said: list[str] = []
    if scale.skill is not None:
        said.append(f"skill {scale.skill:.2f} (0 is a constant guess, 1 the floor)")
    if scale.choices is not None:
        said.append(f"as unsure as among {number(scale.choices)} equal answers")
    return "; ".join(said)


def _causes(page: Page, causes: Sequence[Cause]) -> None:
    """Rival explanations, the likeliest first, each with its test."""
    full = bool(page.look.explain) or page.look.detail > 0
    shown = told_causes(causes, full=full)
    if not shown:
        return
    page.heading("Why", "" if shown[0].leads else NO_LEADER)
    for cause in shown:
        lead = ((f"  {percent(cause.probability):>4}  ", "quiet"), (f"{cause.name}  ", "code"))
        page.hang(lead, (cause.meaning, ""), indent=page.text(*lead).cell_len)
        told = [("because: ", reasons(cause)), ("test: ", cause.test)]
        told += (
            [("against: ", "no " + ", no ".join(cause.against) if cause.against else ""), ("fix: ", cause.fix)]
            if full
            else []
        )
        for word, text in told:
            if text:
                page.hang((("        ", ""), (word, "heading")), (text, ""), indent=8 + len(word))


def _checkpoint(page: Page, choice: Choice | None) -> None:
    """Name the checkpoint to keep, in one line and its file."""
    if choice is None:
        return
    page.heading("Which checkpoint?", shorten(choice.objective, 32, page.glyphs.cut))
    if page.look.detail:
        choice_rows(page, choice)
        return
    page.hang((("  keep ", "heading"),), (choice.text.partition("; ")[0], ""), indent=_INDENT + 5)
    if choice.path:
        page.row((f"  {choice.path}", "command"))


def _limits(page: Page, report: Report) -> None:
    asked = asked_facts(report)
    if not asked and not report.limits:
        return
    page.heading("What I could not judge")
    for limit in report.limits:
        page.hang(((f"{page.glyphs.unsure} ", "unsure"),), (limit, ""), indent=_INDENT)
    for fact in asked:
        told = ((f"--set {fact.key}=VALUE", "command"), (f"  {would(fact)}", ""))
        page.hang(((f"{page.glyphs.unsure} ", "unsure"),), *told, indent=_INDENT)


def _provenance(page: Page, report: Report) -> None:
    page.heading("What this rests on")
    for source in report.sources:
        parts = [source.format, counted(source.rows, "row")]
        parts.append(f"{source.skipped_rows:,} skipped" if source.skipped_rows else "none skipped")
        parts.append(source.incomplete)
        path = shorten(source.path, max(page.look.width - 42, 16), page.glyphs.cut)
        page.hang((("", ""),), (f"{path}: " + ", ".join(filter(None, parts)), ""), indent=_INDENT)
    _facts(page, report)
    rules = [f"{len(report.passed)} passed", counted(len(report.findings), "finding")]
    if report.skipped:
        rules.append(f"{len(report.skipped)} could not run")
    page.row(("  rules: " + ", ".join(rules), "quiet"))
    if page.look.detail:
        _rules(page, report)
    for command in next_commands(report):
        page.row(("  next: ", "quiet"), (command, "command"))


def _facts(page: Page, report: Report) -> None:
    """Name the facts that the answer uses, each with how it is known."""
    shown = report.facts if page.look.detail else report.facts[:_FACTS_SHOWN]
    told = [f"{fact.key} {shorten(fact_value(fact.value), 40, page.glyphs.cut)} ({fact.origin})" for fact in shown]
    rest = len(report.facts) - len(shown)
    told += [f"{rest} more"] if rest else []
    if told:
        page.hang((("  facts: ", "quiet"),), (", ".join(told), "quiet"), indent=9)


def _rules(page: Page, report: Report) -> None:
    """List the rules that passed, and those that could not run with what they need."""
    if report.passed:
        page.hang((("  passed: ", "quiet"),), (" ".join(report.passed), "quiet"), indent=10)
    for skipped in report.skipped:
        needs = " and ".join(need.replace("_", " ") for need in skipped.needs)
        page.row((f"  {skipped.code} could not run: needs {needs}", "quiet"))


def one_line(report: Report, look: Look) -> str:
    """Return the verdict alone: sign, state, name, summary."""
    page = Page(look)
    style = STATES[report.verdict.state]
    name = shorten(report.name, look.width // 3, page.glyphs.cut)
    page.whole(
        (f"{glyph(page.glyphs, style)} {report.verdict.state.upper()}", style),
        (f"  {name}: {report.verdict.summary}", ""),
    )
    return page.string()


def tally(reports: Sequence[Report], look: Look) -> str:
    """Return how many runs there are of each verdict, the worst first."""
    page = Page(look)
    counts = Counter[str](report.verdict.state for report in reports)
    pieces: list[Piece] = [(f"{counted(len(reports), 'run')}:", "heading")]
    for state, style in STATES.items():
        if counts[state]:
            pieces.append((f"  {glyph(page.glyphs, style)} {counts[state]} {state}", style))
    page.row(*pieces)
    return page.string()

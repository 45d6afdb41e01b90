"""A report as Markdown, to be pasted into an issue or a pull request: the same order as in the terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable

from traindx.diagnosis import Cause, Choice, Finding, Outlook, Report, Scale
from traindx.render.causes import NO_LEADER, reasons, told_causes
from traindx.render.evidence import comparison, place
from traindx.render.future import LABELS, future_lines
from traindx.render.next_steps import asked_facts, would
from traindx.render.numbers import counted, number, percent, step
from traindx.render.untrusted import clean, shorten, storable

SIGNS = {"failing": "✖", "attention": "▲", "healthy": "✔", "inconclusive": "?"}
_SEVERITIES = {"error": "✖ error", "warning": "▲ warning", "info": "● info"}
_NAME = 80
_MARKS = re.compile(r"([\\`*_\[\]<>|~#&$])")
_ITEMS = re.compile(r"^(\s{0,8}\d{0,9})([-+.)])(?=\s|$)")
_LINKS = re.compile(r"(?i)(https?|ftp)(:)(?=//)|(www)(\.)")


def markdown_text(reports: Iterable[Report]) -> str:
    """Return ``reports`` as Markdown, one section for each run, ending in a newline."""
    return "\n".join(_run(report) for report in reports)


def escape(text: str) -> str:
    r"""Return untrusted text as Markdown shows it literally: no markup, HTML, table cells, links or mentions.

    >>> escape("a|b <img> @you")
    'a\\|b \\<img\\> @\u200byou'
    """
    marked = _MARKS.sub(r"\\\1", storable(clean(text)))
    unlinked = _LINKS.sub(lambda m: "".join((m[1] or m[3], "\\", m[2] or m[4])), marked)
    # A mention notifies a stranger and a leading list sign moves text: a space of no width and a backslash stop both.
    return _ITEMS.sub(r"\1\\\2", unlinked.replace("@", "@\u200b"))


def _run(report: Report) -> str:
    verdict = report.verdict
    facts = [f"step {step(report.last_step)}"] if report.last_step is not None else []
    facts += [f"stage {verdict.stage}"] if verdict.stage != "unknown" else []
    facts.append(f"{percent(verdict.confidence)} sure")
    sections = [
        f"## {SIGNS[verdict.state]} {verdict.state.upper()}: {escape(shorten(report.name, _NAME))}",
        f"{', '.join(facts)}",
        escape(verdict.summary),
        f"**Do now:** {escape(report.action.text)}",
        _scale(report.scale) if report.scale else "",
        findings_markdown(report.findings) if report.findings else "",
        _causes(report.causes),
        future_markdown(report.forecast) if verdict.state != "failing" else "",
        f"### Which checkpoint?\n\n{choice_markdown(report.checkpoint)}" if report.checkpoint else "",
        _limits(report),
        _provenance(report),
    ]
    return "\n\n".join(filter(None, sections)) + "\n"


def table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a Markdown table of cells that are escaped already."""
    lines = [heads, ("---",) * len(heads), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def _scale(scale: Scale) -> str:
    unit = f", {escape(scale.unit)}" if scale.unit else ""
    rows = [(("now" if m.name == "current" else m.name), number(m.value), escape(m.label)) for m in scale.marks]
    words = [escape(scale.sentence)]
    if scale.skill is not None and not scale.sentence:
        words.append(f"Skill {scale.skill:.2f}, where 0 is a constant guess and 1 the floor.")
    title = f"### Where is my loss? ({escape(shorten(scale.series, _NAME))}{unit})"
    return "\n\n".join(filter(None, (title, table(("mark", "value", ""), rows), " ".join(filter(None, words)))))


def findings_markdown(findings: tuple[Finding, ...]) -> str:
    """Return findings as a section of Markdown: a table, then each in full."""
    rows = [
        (str(i), _SEVERITIES[f.severity.value], f.code, escape(f.headline), percent(f.confidence))
        for i, f in enumerate(findings, 1)
    ]
    shown = table(("", "severity", "rule", "finding", "confidence"), rows)
    return "\n\n".join(["### Findings", shown, *(_detail(i, f) for i, f in enumerate(findings, 1))])


def _detail(number_: int, finding: Finding) -> str:
    parts = [f"#### {number_}. {finding.code} {escape(finding.name)}"]
    parts.append(escape(finding.why))
    rows = [(escape(e.label), escape(comparison(e)), escape(place(e)), escape(e.note)) for e in finding.evidence]
    parts.append(table(("evidence", "measured and expected", "where", ""), rows) if rows else "")
    parts.append("\n".join(f"- {escape(each)}" for each in finding.do))
    parts.append(f"Refuted if: {escape(finding.check)}" if finding.check else "")
    return "\n\n".join(filter(None, parts))


def _causes(causes: tuple[Cause, ...]) -> str:
    shown = told_causes(causes, full=False)
    if not shown:
        return ""
    rows = [
        (percent(c.probability), escape(c.name), escape(c.meaning), escape(reasons(c)), _with_code(c.test))
        for c in shown
    ]
    shown_causes = table(("likely", "cause", "", "because", "test"), rows)
    return "\n\n".join(("### Why", *(() if shown[0].leads else (f"{NO_LEADER.capitalize()}.",)), shown_causes))


def _with_code(text: str) -> str:
    """Text as Markdown in which pairs of backticks mark code to copy, kept as it is but for what would end a table cell."""
    parts = clean(text).split("`")
    if len(parts) % 2 == 0:
        return escape(text)
    return "".join(f"`{storable(part).replace('|', ' ')}`" if at % 2 else escape(part) for at, part in enumerate(parts))


def choice_markdown(choice: Choice) -> str:
    """Return one choice as a paragraph and a list."""
    first, *more = choice.text.split("; ")
    lines = [f"Keep {escape(first)}" + (f": {escape(choice.path)}" if choice.path else "")]
    return "\n".join([*lines, "", *(f"- {escape(part)}" for part in more)]).rstrip()


def future_markdown(outlook: Outlook | None) -> str:
    """Return the future of a run as a section of Markdown; "" where there is none."""
    if outlook is None or not outlook.text:
        return ""
    lines = [f"- **{LABELS[kind]}** {escape(line)}" for kind, line in future_lines(outlook)]
    return "\n".join([f"### Where will it end? ({escape(shorten(outlook.series, _NAME))})", "", *lines])


def _limits(report: Report) -> str:
    lines = [f"- {escape(limit)}" for limit in report.limits]
    lines += [f"- `--set {fact.key}=VALUE` {escape(would(fact))}" for fact in asked_facts(report)]
    return "\n".join(["### What I could not judge", "", *lines]) if lines else ""


def _provenance(report: Report) -> str:
    rows = [
        (escape(shorten(s.path, _NAME)), s.format, f"{s.rows:,}", f"{s.skipped_rows:,}", escape(s.incomplete))
        for s in report.sources
    ]
    rules = f"Rules: {len(report.passed)} passed, {counted(len(report.findings), 'finding')}, {len(report.skipped)} could not run."
    files = table(("file", "format", "rows", "skipped", ""), rows) if rows else ""
    facts = [(f.key, escape(str(f.value)), f.origin, escape(f.source)) for f in report.facts]
    known = table(("fact", "value", "origin", "source"), facts) if facts else ""
    return "\n\n".join(filter(None, ("### What this rests on", files, known, rules)))

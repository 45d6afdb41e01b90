"""An audit as terminal text: what the dataset is, the verdict, findings, columns, what knowing nothing scores, and what was not read."""

from __future__ import annotations

import shlex
from pathlib import PurePath

from traindx.dataset import LOSS_NAMES, Audit
from traindx.render.audit_table import HEADS, Row, table_rows
from traindx.render.findings import STATES, finding_rows, glyph
from traindx.render.look import Look
from traindx.render.numbers import counted, fact_value, number, percent
from traindx.render.page import Page
from traindx.render.untrusted import clean, shorten

_ROWS = 8  # columns on the first screen; -v shows all
_LEVELS = 8
_CELL = 10
_INDENT = 2
_UNITS = ((30, "GiB"), (20, "MiB"), (10, "KiB"))


def audit_text(audit: Audit, look: Look) -> str:
    """Return an audit as text for a terminal, with ANSI colours where ``look`` asks for them."""
    page = Page(look)
    _verdict(page, audit)
    finding_rows(page, audit.findings)
    _columns(page, audit)
    _levels(page, audit)
    _limits(page, audit)
    _provenance(page, audit)
    return page.string()


def size_text(size: int) -> str:
    """Return a number of bytes as people read it.

    >>> size_text(512), size_text(3 * 2**20)
    ('512 bytes', '3.0 MiB')
    """
    for power, unit in _UNITS:
        if size >= 1 << power:
            return f"{size / (1 << power):.1f} {unit}"
    return counted(size, "byte")


def _verdict(page: Page, audit: Audit) -> None:
    verdict, dot = audit.verdict, f" {page.glyphs.dot} "
    style = STATES[verdict.state]
    name = shorten(audit.path, max(page.look.width - 48, 12), page.glyphs.cut)
    told = [name, audit.format, counted(audit.rows, "row"), size_text(audit.size_bytes) if audit.size_bytes else ""]
    lead = (f"{glyph(page.glyphs, style)} {verdict.state.upper()}", style)
    page.row(lead, ("  " + dot.join(filter(None, told)), ""))
    page.hang((("", ""),), (verdict.summary, ""), indent=_INDENT)
    page.blank()
    page.hang((("  Do now  ", "heading"),), (audit.action.text, ""), indent=10)


def _columns(page: Page, audit: Audit) -> None:
    rows = table_rows(audit)
    if not rows:
        return
    shown = rows if page.look.detail else rows[:_ROWS]
    title = "the worst first" if len(shown) == len(rows) else f"the worst {len(shown)} of {len(rows):,}"
    page.heading("Columns", title if len(rows) > 1 else "")
    wide = max(page.look.width - _INDENT - (_CELL + 1) * (len(HEADS) - 1), 8)
    if page.look.plain:
        for row in shown:
            page.row(("  " + ", ".join(f"{h} {c}" for h, c in zip(HEADS, row.cells, strict=True) if c), ""))
        return
    page.row((_line(Row(HEADS, 0.0), wide, page.glyphs.cut), "quiet"))
    for row in shown:
        page.row((_line(row, wide, page.glyphs.cut), ""))


def _line(row: Row, wide: int, cut: str) -> str:
    name, *cells = row.cells
    return "  " + shorten(name, wide, cut).ljust(wide) + "".join(f" {cell:>{_CELL}}" for cell in cells)


def _levels(page: Page, audit: Audit) -> None:
    levels = audit.baselines.levels
    if not levels:
        return
    page.heading("What knowing nothing scores")
    shown = levels if page.look.detail else levels[:_LEVELS]
    for level in shown:
        where = f"{level.array}: " if level.array else ""
        unit = f" {level.baseline.unit}" if level.baseline.unit not in ("", "fraction") else ""
        told = f"{where}{LOSS_NAMES[level.loss]} {number(level.baseline.value)}{unit}"
        page.hang(
            (("", ""),), (told, ""), (f"  answering {level.answer} ({level.baseline.formula})", "quiet"), indent=_INDENT
        )
    if len(shown) < len(levels):
        page.row((f"  and {counted(len(levels) - len(shown), 'more level')}: -v", "quiet"))


def _limits(page: Page, audit: Audit) -> None:
    asked = [one for one in audit.unasked if "--" in one.lacks or page.look.detail]
    if not audit.limits and not asked:
        return
    page.heading("What I could not judge")
    for limit in audit.limits:
        page.hang(((f"{page.glyphs.unsure} ", "unsure"),), (limit, ""), indent=_INDENT)
    told = [f"{one.lacks} ({', '.join(one.codes)})" for one in asked]
    if told:
        page.hang(
            ((f"{page.glyphs.unsure} ", "unsure"),),
            ("not asked, for want of: ", ""),
            ("; ".join(told), "quiet"),
            indent=_INDENT,
        )


def _provenance(page: Page, audit: Audit) -> None:
    page.heading("What this rests on")
    for array in audit.profile.arrays if page.look.detail else audit.profile.arrays[:_ROWS]:
        shape = " × ".join(f"{side:,}" for side in array.shape) or "one number"
        role = audit.roles.get(array.name, "values")
        parts = [array.dtype, shape, "target" if array.name in audit.targets else role]
        name = shorten(array.name or PurePath(array.where).name, max(page.look.width - 42, 16), page.glyphs.cut)
        page.hang((("", ""),), (f"{name}: " + ", ".join(parts), "quiet"), indent=_INDENT)
    if len(audit.profile.arrays) > _ROWS and not page.look.detail:
        page.row((f"  and {counted(len(audit.profile.arrays) - _ROWS, 'more array')}", "quiet"))
    for note in audit.notes:
        page.hang((("", ""),), (note, "quiet"), indent=_INDENT)
    facts = ", ".join(f"{f.key} {shorten(fact_value(f.value), 24, page.glyphs.cut)}" for f in audit.baselines.facts)
    if facts:
        page.hang((("", ""),), (f"facts for runs: {facts}", "quiet"), indent=_INDENT)
    checks = [f"{len(audit.passed)} passed", counted(len(audit.findings), "finding")]
    checks += [f"{sum(len(one.codes) for one in audit.unasked)} not asked"] if audit.unasked else []
    sure = percent(audit.verdict.confidence)
    page.row((f"  checks: {', '.join(checks)}; {sure} sure of the verdict", "quiet"))
    for command in audit_commands(audit):
        page.row(("  next: ", "quiet"), (command, "command"))


def audit_commands(audit: Audit) -> tuple[str, ...]:
    """Return at most two commands worth typing after this audit."""
    path = shlex.quote(audit.path) if clean(audit.path) == audit.path and len(audit.path) <= 100 else "PATH"
    wanted = [f"traindx rule {audit.findings[0].code}"] if audit.findings else []
    if audit.baselines.facts:
        wanted.append(f"traindx data {path} --baselines-out data.json && traindx check RUN --data-baselines data.json")
    return tuple(wanted[:2])

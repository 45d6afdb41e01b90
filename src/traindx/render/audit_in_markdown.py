"""An audit as Markdown, to be pasted into an issue or a dataset card: the same order as in the terminal."""

from __future__ import annotations

from pathlib import PurePath

from traindx.dataset import LOSS_NAMES, Audit
from traindx.render.audit_table import HEADS, table_rows
from traindx.render.audit_terminal import size_text
from traindx.render.markdown import SIGNS, escape, findings_markdown, table
from traindx.render.numbers import counted, number, percent
from traindx.render.untrusted import shorten

_NAME = 80
_ROWS = 50


def audit_markdown(audit: Audit) -> str:
    """Return an audit as Markdown, ending in a newline."""
    verdict = audit.verdict
    about = [
        audit.format,
        counted(audit.rows, "row"),
        size_text(audit.size_bytes),
        f"{percent(verdict.confidence)} sure",
    ]
    sections = [
        f"## {SIGNS[verdict.state]} {verdict.state.upper()}: {escape(shorten(audit.path, _NAME))}",
        escape(", ".join(about)),
        escape(verdict.summary),
        f"**Do now:** {escape(audit.action.text)}",
        findings_markdown(audit.findings) if audit.findings else "",
        _columns(audit),
        _levels(audit),
        _limits(audit),
        _provenance(audit),
    ]
    return "\n\n".join(filter(None, sections)) + "\n"


def _columns(audit: Audit) -> str:
    rows = table_rows(audit)
    if not rows:
        return ""
    more = f"\n\nand {len(rows) - _ROWS:,} more." if len(rows) > _ROWS else ""
    shown = table(HEADS, (tuple(escape(shorten(cell, _NAME)) for cell in row.cells) for row in rows[:_ROWS]))
    return f"### Columns, the worst first\n\n{shown}{more}"


def _levels(audit: Audit) -> str:
    rows = [
        (
            escape(level.array),
            LOSS_NAMES[level.loss],
            escape(level.answer),
            f"{number(level.baseline.value)} {escape(level.baseline.unit)}".strip(),
            escape(level.baseline.formula),
        )
        for level in audit.baselines.levels
    ]
    return (
        f"### What knowing nothing scores\n\n{table(('array', 'loss', 'answering', 'scores', ''), rows)}"
        if rows
        else ""
    )


def _limits(audit: Audit) -> str:
    lines = [f"- {escape(limit)}" for limit in audit.limits]
    lines += [f"- {', '.join(one.codes)} not asked: needs {escape(one.lacks)}" for one in audit.unasked]
    return "\n".join(["### What I could not judge", "", *lines]) if lines else ""


def _provenance(audit: Audit) -> str:
    rows = [
        (
            escape(shorten(array.name or PurePath(array.where).name, _NAME)),
            array.dtype,
            " × ".join(f"{side:,}" for side in array.shape),
            "target" if array.name in audit.targets else audit.roles.get(array.name, "values"),
        )
        for array in audit.profile.arrays[:_ROWS]
    ]
    notes = "\n".join(f"- {escape(note)}" for note in audit.notes)
    checks = f"Checks: {len(audit.passed)} passed, {counted(len(audit.findings), 'finding')}."
    shown = table(("array", "type", "shape", "taken as"), rows) if rows else ""
    return "\n\n".join(filter(None, ("### What this rests on", shown, notes, checks)))

"""One line of evidence in words: measured against expected, where it is, and where the expectation comes from."""

from __future__ import annotations

from traindx.diagnosis import Evidence
from traindx.render.look import UNICODE, Glyphs
from traindx.render.numbers import number, steps
from traindx.render.untrusted import shorten

_NAME = 40


def comparison(evidence: Evidence) -> str:
    """Return ``5.54 nats, expected 5.545 (ln 256)``, or what of it there is."""
    unit = f" {evidence.unit}" if evidence.unit else ""
    parts: list[str] = []
    if evidence.measured is not None:
        parts.append(f"{number(evidence.measured)}{unit}")
    if evidence.expected is not None:
        source = f" ({evidence.formula})" if evidence.formula else ""
        parts.append(f"expected {number(evidence.expected)}{unit if evidence.measured is None else ''}{source}")
    elif evidence.formula:
        parts.append(evidence.formula)
    return ", ".join(parts)


def place(evidence: Evidence, glyphs: Glyphs = UNICODE) -> str:
    """Return the series, steps and ``file:line`` of the evidence, or nothing."""
    span = evidence.span
    if span is None:
        return ""
    where = shorten(span.where, 2 * _NAME, glyphs.cut)
    series = "" if span.series in evidence.label else shorten(span.series, _NAME, glyphs.cut)
    told = (series, steps(span.first_step, span.last_step, glyphs.dash), where)
    return f" {glyphs.dot} ".join(filter(None, told))


def evidence_text(evidence: Evidence, glyphs: Glyphs = UNICODE) -> str:
    """Return the whole line."""
    told = f"{evidence.label}: {comparison(evidence)}".removesuffix(": ")
    return f" {glyphs.dot} ".join(filter(None, (told, evidence.note, place(evidence, glyphs))))

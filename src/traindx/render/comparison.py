"""A comparison as text, Markdown and JSON."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

import traindx.render.document_v1 as v1
from traindx.diagnosis import Comparison, Difference
from traindx.render.json_v1 import json_number, maybe_number
from traindx.render.look import Look
from traindx.render.markdown import escape, table
from traindx.render.numbers import number, step
from traindx.render.page import Page
from traindx.render.untrusted import shorten, storable

_CHANGES_SHOWN = 12
_STYLES = {"better": "ok", "worse": "warning", "tied": "quiet", "unclear": "unsure", "not comparable": "unsure"}
_HEADS = ("quantity", "before", "after", "difference (95 %)", "skill", "")


class DifferenceV1(v1.Strict, frozen=True):
    """One quantity in both runs at the place of comparison; the interval holds after - before."""

    quantity: str
    before: v1.Number
    after: v1.Number
    difference: v1.Number
    low: v1.Number | None
    high: v1.Number | None
    by: str
    outcome: str
    skill_before: v1.Number | None
    skill_after: v1.Number | None
    parts_at: v1.Number | None
    note: str


class ChangedV1(v1.Strict, frozen=True):
    """A setting that differs."""

    name: str
    before: str
    after: str


class ComparisonV1(v1.Strict, frozen=True):
    """One run or group against another."""

    before: str
    after: str
    axis: str
    at: v1.Number
    verdict: str
    attribution: str
    differences: list[DifferenceV1]
    changed: list[ChangedV1]
    limits: list[str]


class ComparisonsV1(v1.Strict, frozen=True, tag_field="schema_version", tag="1"):
    """What ``traindx compare --format json`` prints."""

    tool: v1.ToolV1
    comparisons: list[ComparisonV1]


def comparisons_json(comparisons: Sequence[Comparison], *, version: str) -> str:
    """Return comparisons as a JSON document of version 1, ending in a newline."""
    document = ComparisonsV1(
        tool=v1.ToolV1(name="traindx", version=version), comparisons=[_document(c) for c in comparisons]
    )
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _document(one: Comparison) -> ComparisonV1:
    return ComparisonV1(
        before=storable(one.before),
        after=storable(one.after),
        axis=one.axis,
        at=json_number(one.at),
        verdict=storable(one.verdict),
        attribution=storable(one.attribution),
        differences=[_difference(d) for d in one.differences],
        changed=[
            ChangedV1(name=storable(c.name), before=storable(c.before), after=storable(c.after)) for c in one.changed
        ],
        limits=[storable(limit) for limit in one.limits],
    )


def _difference(d: Difference) -> DifferenceV1:
    return DifferenceV1(
        quantity=storable(d.quantity),
        before=json_number(d.before),
        after=json_number(d.after),
        difference=json_number(d.difference),
        low=maybe_number(d.low),
        high=maybe_number(d.high),
        by=d.by,
        outcome=d.outcome,
        skill_before=maybe_number(d.skill_before),
        skill_after=maybe_number(d.skill_after),
        parts_at=maybe_number(d.parts_at),
        note=storable(d.note),
    )


def comparisons_text(comparisons: Sequence[Comparison], look: Look) -> str:
    """Return comparisons as terminal text: the sentence, the table, what differs, what is left open."""
    page = Page(look)
    for one in comparisons:
        page.blank()
        page.hang((("", ""),), (one.verdict, "heading"), indent=0)
        page.heading("At the same place", f"{one.axis} {step(one.at)}")
        _rows(page, one.differences)
        page.heading("What differs")
        page.hang((("", ""),), (one.attribution, ""), indent=0)
        for change in one.changed[:_CHANGES_SHOWN]:
            told = f"{change.before or 'not set'} {page.glyphs.dot} {change.after or 'not set'}"
            page.hang(
                (("  ", ""), (shorten(change.name, 30, page.glyphs.cut) + "  ", "code")), (told, "quiet"), indent=4
            )
        if len(one.changed) > _CHANGES_SHOWN:
            page.row((f"  and {len(one.changed) - _CHANGES_SHOWN} more: --format json", "quiet"))
        for limit in one.limits:
            page.hang(((f"{page.glyphs.unsure} ", "unsure"),), (limit, "quiet"), indent=2)
    return page.string()


def _rows(page: Page, differences: Sequence[Difference]) -> None:
    wide = min(max((len(d.quantity) for d in differences), default=8), 28)
    for d in differences:
        name = shorten(d.quantity, wide, page.glyphs.cut).ljust(wide)
        style = _STYLES[d.outcome]
        page.row((f"  {name}  ", "code"), (f"{number(d.before)} -> {number(d.after)}  ", ""), (d.outcome, style))
        for told in (_spread(d), _skill(d), _parts(d), d.note):
            if told:
                page.hang((("    ", ""),), (told, "quiet"), indent=4)


def _spread(d: Difference) -> str:
    if d.low is None or d.high is None:
        return ""
    return f"{d.difference:+.3g}, 95 % {d.low:+.3g} to {d.high:+.3g} ({d.by})"


def _skill(d: Difference) -> str:
    if d.skill_before is None or d.skill_after is None:
        return ""
    return f"skill {d.skill_before:.2f} -> {d.skill_after:.2f} (0 is a constant answer, 1 the floor)"


def _parts(d: Difference) -> str:
    return "" if d.parts_at is None else f"the curves part at {step(d.parts_at)}"


def comparisons_markdown(comparisons: Sequence[Comparison]) -> str:
    """Return comparisons as Markdown with a table each, to be pasted into an issue."""
    return "\n\n".join(_section(one) for one in comparisons) + "\n"


def _section(one: Comparison) -> str:
    rows = [
        (
            escape(d.quantity),
            number(d.before),
            number(d.after),
            escape(_spread(d) or f"{d.difference:+.3g}"),
            "" if d.skill_before is None or d.skill_after is None else f"{d.skill_before:.2f} → {d.skill_after:.2f}",
            escape("; ".join(filter(None, (d.outcome, _parts(d), d.note)))),
        )
        for d in one.differences
    ]
    changes = [(escape(c.name), escape(c.before), escape(c.after)) for c in one.changed]
    parts = [
        f"## {escape(one.after)} against {escape(one.before)}",
        escape(one.verdict),
        f"At {one.axis} {step(one.at)}:",
        table(_HEADS, rows),
        escape(one.attribution),
        table(("setting", "before", "after"), changes) if changes else "",
        "\n".join(f"- {escape(limit)}" for limit in one.limits),
    ]
    return "\n\n".join(filter(None, parts))

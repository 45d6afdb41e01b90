"""Which checkpoint to keep, as text, Markdown and JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import msgspec

import traindx.render.document_v1 as v1
from traindx.diagnosis import Choice
from traindx.render.json_v1 import checkpoint_v1
from traindx.render.look import Look
from traindx.render.markdown import choice_markdown, escape
from traindx.render.page import Page
from traindx.render.untrusted import shorten, storable


@final
@dataclass(frozen=True, slots=True)
class Chosen:
    """The choice for one run, or why there is none."""

    run: str
    choice: Choice | None
    why: str = ""


class PickedV1(v1.Strict, frozen=True):
    """The checkpoint of one run; null where none can be named, and ``why`` says why."""

    name: str
    checkpoint: v1.CheckpointV1 | None
    why: str


class PicksV1(v1.Strict, frozen=True, tag_field="schema_version", tag="1"):
    """What ``traindx pick --format json`` prints."""

    tool: v1.ToolV1
    runs: list[PickedV1]


def picks_text(chosen: Sequence[Chosen], look: Look) -> str:
    """Return the choices as terminal text, one block for each run."""
    page = Page(look)
    for one in chosen:
        page.blank()
        page.row((shorten(one.run, max(look.width - 4, 12), page.glyphs.cut), "heading"))
        if one.choice is None:
            page.hang(((f"{page.glyphs.unsure} ", "unsure"),), (one.why, ""), indent=2)
            continue
        choice_rows(page, one.choice)
    return page.string()


def choice_rows(page: Page, choice: Choice) -> None:
    """Add the rows of one choice: the place to keep, its file, and a line for each thing to know of it."""
    first, *more = choice.text.split("; ")
    page.hang(((f"{page.glyphs.ok} ", "ok"), ("keep ", "heading")), (first, ""), indent=2)
    if choice.path:
        page.hang((("  ", ""),), (choice.path, "command"), indent=2)
    for part in more:
        page.hang((("  ", ""),), (part, "quiet"), indent=2)


def picks_markdown(chosen: Sequence[Chosen]) -> str:
    """Return the choices as Markdown."""
    parts = [
        f"## {escape(one.run)}\n\n{choice_markdown(one.choice) if one.choice else escape(one.why)}" for one in chosen
    ]
    return "\n\n".join(parts) + "\n"


def picks_json(chosen: Sequence[Chosen], *, version: str) -> str:
    """Return the choices as a JSON document of version 1, ending in a newline."""
    runs = [
        PickedV1(
            name=storable(one.run),
            checkpoint=None if one.choice is None else checkpoint_v1(one.choice),
            why=storable(one.why),
        )
        for one in chosen
    ]
    document = PicksV1(tool=v1.ToolV1(name="traindx", version=version), runs=runs)
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tests.render.expected import assert_as_stored
from tests.render.sample_reports import ALL, FAILING
from traindx.render import markdown_text
from traindx.render.markdown import escape

STORED = Path(__file__).parent / "stored"
READER = MarkdownIt("commonmark", {"html": True}).enable("table").enable("strikethrough")


def as_seen(markdown: str) -> tuple[str, set[str]]:
    """The text and the kinds of inline elements that an independent Markdown reader finds in a paragraph."""
    inline = [child for token in READER.parse(markdown) for child in token.children or []]
    return "".join(child.content for child in inline), {child.type for child in inline}


@pytest.mark.parametrize("state", ALL)
def test_every_verdict_reads_as_stored(state: str) -> None:
    assert_as_stored(STORED, f"{state}.md", markdown_text([ALL[state]]))


HOSTILE = [
    "a|b", "<script>alert(1)</script>", "`code`", "**bold**", "[x](http://e.vil)", "![x](y)", "https://e.vil/x", "- item",
    "1. item", "# head", "a\nb", "&amp;", "~~x~~", "\\|", "$x$",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_an_independent_reader_sees_hostile_text_as_it_is(text: str) -> None:
    seen, kinds = as_seen(escape(text))
    assert seen == text.replace("\n", " ")
    assert kinds <= {"text", "text_special"}


@settings(max_examples=150, deadline=None)
@given(text=st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=40))
def test_any_ascii_text_is_shown_literally(text: str) -> None:
    seen, kinds = as_seen("start " + escape(text) + " end")
    assert kinds <= {"text", "text_special"}
    assert seen.replace("\u200b", "").split() == ["start", *text.split(), "end"]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_headline_keeps_the_table_whole(text: str) -> None:
    report = replace(FAILING, findings=(replace(FAILING.findings[0], headline=text),))
    tokens = READER.parse(markdown_text([report]))
    assert sum(token.type == "table_open" for token in tokens) == 5
    assert not any(token.type == "html_block" for token in tokens)


def test_mentions_do_not_notify_anyone() -> None:
    assert "@someone" not in escape("ask @someone")

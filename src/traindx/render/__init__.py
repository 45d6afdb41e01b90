"""A report as text: for terminals, for Markdown, as JSON version 1. Each renderer is a pure function of the report."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from traindx.render.json_v1 import json_document, json_line
    from traindx.render.look import Look
    from traindx.render.markdown import markdown_text
    from traindx.render.page import Page
    from traindx.render.schema import report_schema
    from traindx.render.terminal import terminal_text

_HOMES = {
    "Look": "look",
    "Page": "page",
    "json_document": "json_v1",
    "json_line": "json_v1",
    "markdown_text": "markdown",
    "report_schema": "schema",
    "terminal_text": "terminal",
}

__all__ = ["Look", "Page", "json_document", "json_line", "markdown_text", "report_schema", "terminal_text"]


def __getattr__(name: str) -> object:
    """Import a renderer on first use: JSON must not pay for what only a terminal needs."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'traindx.render' has no attribute {name!r}")
    return getattr(import_module(f"traindx.render.{home}"), name)

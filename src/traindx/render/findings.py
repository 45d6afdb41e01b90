"""Findings drawn on a page."""

from traindx.render.json_v1 import _finding as finding_v1  # pyright: ignore
from traindx.render.markdown import _findings as findings_markdown  # pyright: ignore
from traindx.render.terminal import _findings as finding_rows  # pyright: ignore
from traindx.render.terminal import _glyph as glyph  # pyright: ignore

__all__ = ["finding_rows", "finding_v1", "findings_markdown", "glyph"]

"""Comparing whole outputs with stored text. TRAINDX_UPDATE_EXPECTED=1 writes the text anew; read the diff then."""

from __future__ import annotations

import os
from pathlib import Path


def assert_as_stored(folder: Path, name: str, text: str) -> None:
    """Assert that ``text`` is what ``folder/name`` holds."""
    path = folder / name
    if os.environ.get("TRAINDX_UPDATE_EXPECTED") == "1":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
    assert text == path.read_text(encoding="utf-8")

"""The page about the normaliser: its code runs as one program, and prints what it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

_PAGE = Path(__file__).parents[3] / "docs" / "normalizer.md"


def test_the_code_of_the_page_runs_and_prints_what_stands_there(capsys: pytest.CaptureFixture[str]) -> None:
    text = _PAGE.read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert len(blocks) == 5
    exec(compile("\n".join(blocks), _PAGE.name, "exec"), {})
    printed = re.findall(r"^```text\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)[0]
    assert capsys.readouterr().out == printed

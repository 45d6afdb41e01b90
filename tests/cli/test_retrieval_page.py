"""docs/retrieval.md: its commands print what it shows, its Python runs."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from traindx.cli.app import app

PAGE = Path(__file__).parents[2] / "docs" / "retrieval.md"
BLOCKS = re.compile(r"^```(python|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_page_says_what_happens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    names: dict[str, Any] = {}
    shown = 0
    for kind, text in BLOCKS.findall(PAGE.read_text(encoding="utf-8")):
        if kind == "python":
            exec(compile(text, str(PAGE), "exec"), names)
            continue
        command, _, answer = text.removeprefix("$ traindx ").partition("\n")
        assert CliRunner().invoke(app, shlex.split(command), prog_name="traindx").stdout == answer, command
        shown += 1
    assert shown == 4

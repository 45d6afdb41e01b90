"""The example of the documentation runs, and prints what stands there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "probe.md").read_text(encoding="utf-8")


def test_the_example_prints_the_answer_that_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    (shown,) = re.findall(r"^```\n(✖ FAILING.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    exec(compile(code, "docs/probe.md", "exec"), {})
    printed = capsys.readouterr().out
    # Digits past the third depend on the machine's own order of sums.
    words = [re.sub(r"[\d.]+|[─┼├┤●┄│]+|\s+", "", text) for text in (shown, printed)]
    assert words[0] == words[1]

"""The list of checks is complete and in order, and each has a page that the command line shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

import traindx.probe.checks
from traindx.cli.app import app
from traindx.probe import PROBE_CHECKS
from traindx.probe.experiments import EXPERIMENTS
from traindx.probe.measured import Measured

FILES = Path(traindx.probe.checks.__file__).parent


def test_codes_are_in_order_and_every_file_is_listed() -> None:
    codes = [c.meta.code for c in PROBE_CHECKS]
    assert codes == sorted(set(codes))
    assert all(re.fullmatch(r"PRB\d{3}", code) for code in codes)
    files = {path.stem for path in FILES.glob("*.py") if "(ProbeCheck)" in path.read_text(encoding="utf-8")}
    assert files == {c.__module__.rpartition(".")[2] for c in PROBE_CHECKS}


@pytest.mark.parametrize("kind", PROBE_CHECKS, ids=lambda kind: kind.meta.code)
def test_a_check_is_called_like_its_file_and_has_its_page(kind: type) -> None:
    meta = kind.meta  # type: ignore[attr-defined]
    assert meta.name.replace("-", "_") == kind.__module__.rpartition(".")[2]
    assert kind.__name__ == meta.name.title().replace("-", "")
    assert len(meta.summary) <= 80
    headings = re.findall(r"^ *## (.*)$", kind.__doc__ or "", re.MULTILINE)
    assert headings == ["What it looks at", "Why it matters", "What to try", "When it is wrong"]
    shown = CliRunner().invoke(app, ["rule", meta.code, "--plain"])
    assert shown.exit_code == 0
    assert meta.name in shown.output
    assert "When it is wrong" in shown.output


def test_needs_and_experiments_name_measurements() -> None:
    fields = set(Measured.__slots__)
    assert {need for kind in PROBE_CHECKS for need in kind.needs} <= fields
    assert {e.field for e in EXPERIMENTS} <= fields
    measured = {e.field for e in EXPERIMENTS} | {"batch", "start", "levels"}
    assert {need for kind in PROBE_CHECKS for need in kind.needs} <= measured

"""The import contracts hold, and each of them really breaks on an injected violation."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]

# what -> (the file that gets a forbidden line, the line, the contract that must break)
VIOLATIONS = {
    "a low room imports a high one": ("run/series.py", "import traindx.engine", "layers"),
    "rooms on one line import each other": ("render/terminal.py", "import traindx.rules", "layers"),
    "judging knows of live runs": ("api.py", "import traindx.live", "layers"),
    "a room that no layer names": ("unplanned.py", "", "layers"),
    "the facade is imported inside": ("signals/noise.py", "import traindx.api", "layers"),
    "a rule family imports another": (
        "rules/numerics/nan_in_loss.py",
        "import traindx.rules.baseline",
        "rule-families",
    ),
    "a framework is imported": ("readers/csv_table.py", "import torch", "frameworks"),
    "a heavy library is imported": ("signals/trend.py", "import scipy.stats", "frameworks"),
    "a reader imports another": ("readers/sacred.py", "import traindx.readers.mm_json", "readers"),
    "a general reader imports a special one": ("readers/csv_table.py", "import traindx.readers.keras_csv", "readers"),
    "a reader imports the registry": ("readers/text_log.py", "import traindx.readers.registry", "readers"),
    "rankings know of runs": ("retrieval/ranking.py", "import traindx.run", "data-without-runs"),
    "two files of a room import each other": ("run/series.py", "import traindx.run.run", "siblings"),
}


@pytest.fixture
def clean_copy(tmp_path: Path) -> Path:
    """A copy of the source and of the contracts, free to be spoilt."""
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint(place: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    # The copy must be what is linted, not the package that is installed: its directory comes first on the path.
    start = (
        f"import sys; sys.path.insert(0, {str(place / 'src')!r}); from importlinter.cli import lint_imports_command; "
        "lint_imports_command()"
    )
    command = [sys.executable, "-c", start, "--no-cache", "--no-logo", "--config", "pyproject.toml", *arguments]
    return subprocess.run(command, cwd=place, capture_output=True, text=True, check=False, timeout=120)


def test_the_clean_copy_keeps_all_contracts(clean_copy: Path) -> None:
    done = lint(clean_copy)
    assert done.returncode == 0, done.stdout
    assert f"{len(CONTRACTS)} kept, 0 broken" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("what", VIOLATIONS)
def test_an_injected_violation_breaks_its_contract(what: str, clean_copy: Path) -> None:
    file, line, contract = VIOLATIONS[what]
    spoilt = clean_copy / "src" / "traindx" / file
    text = spoilt.read_text(encoding="utf-8") if spoilt.exists() else ""
    spoilt.write_text(f"{text}\n{line}\n", encoding="utf-8")
    done = lint(clean_copy, "--contract", contract)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "0 kept, 1 broken" in done.stdout or "unplanned" in done.stdout + done.stderr


def test_every_contract_is_broken_on_purpose_above() -> None:
    assert {contract["id"] for contract in CONTRACTS} == {contract for _, _, contract in VIOLATIONS.values()}


def test_every_rule_family_is_in_its_contract() -> None:
    families = {path.parent.name for path in (ROOT / "src" / "traindx" / "rules").glob("*/__init__.py")}
    listed = next(contract["modules"] for contract in CONTRACTS if contract["id"] == "rule-families")
    assert {f"traindx.rules.{family}" for family in families} == set(listed)
    assert listed == sorted(listed)

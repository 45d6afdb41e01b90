"""The examples of CONTRIBUTING.md are complete: applied to a copy of the tree, their tests pass."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_BLOCK = re.compile(r"^```(python|markdown|diff) (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SECTION = re.compile(r"^## How to add a (\w+)\n(.*?)(?=^## (?:How|Style))", re.MULTILINE | re.DOTALL)
SECTIONS = dict(_SECTION.findall((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")))
TESTED = {
    "rule": ["tests/rules/test_case_pages.py", "-k", "nothing"],
    "reader": ["tests/readers/test_steplog.py"],
    "baseline": ["tests/baselines/test_hinge.py", "--doctest-modules", "src/traindx/baselines/hinge.py"],
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the package and of the tests that the examples need."""
    ignored = shutil.ignore_patterns("__pycache__", "data", "corpus", "house")
    for part in ("src", "tests"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def apply(kind: str, path: Path, body: str) -> None:
    if kind != "diff":
        path.write_text(body.replace("~~~", "```") if kind == "markdown" else body, encoding="utf-8")
        return
    text, anchor = path.read_text(encoding="utf-8"), ""
    for line in body.splitlines():
        if line.startswith("+"):
            assert text.count(anchor) == 1, f"{path.name} has no single line {anchor!r}"
            text = text.replace(anchor, f"{anchor}{line[1:]}\n")
            anchor += f"{line[1:]}\n"
        else:
            anchor = f"{line[1:]}\n"
    path.write_text(text, encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("what", TESTED)
def test_an_example_is_three_files_that_work(what: str, tree: Path) -> None:
    blocks = _BLOCK.findall(SECTIONS[what])
    assert len(blocks) == 3
    for kind, path, body in blocks:
        apply(kind, tree / path, body)
    start = f"import sys; sys.path.insert(0, {str(tree / 'src')!r}); import pytest; sys.exit(pytest.main(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", start, "-p", "no:cacheprovider", *TESTED[what]],
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout

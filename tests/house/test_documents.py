"""What the documents say is so: commands, versions, examples, and nothing stale."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

import traindx
from traindx.rules import ALL_RULES

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
COMMANDS = re.findall(r"^```\n(python3 .*)\n```$", README, re.MULTILINE)
# in two parts, so that this file does not hold what it looks for
MACHINE_PATH = re.compile(
    r"(?<![\w.])/(?:wor" + r"k|roo" + r"t|Users/\w+|home/(?!me\b|user\b|you\b|someone\b)\w+)/[\w.-]"
)
TEXT = {".py", ".md", ".toml", ".yml", ".cfg", ".txt", ".svg", ".json", ".csv", ".log", ""}


def test_the_readme_begins_with_one_command_that_runs_and_one_that_tests() -> None:
    assert COMMANDS == [
        "python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/traindx demo",
        "python3 -m venv .venv && .venv/bin/pip install -e '.[test]' && .venv/bin/python -m pytest -n 2",
    ]
    before = README[: README.index(COMMANDS[0])]
    assert before.count("\n") < 12


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash to parse shell commands")
@pytest.mark.parametrize("script", [*COMMANDS, (ROOT / ".ci" / "run").read_text(encoding="utf-8")])
def test_every_shell_command_parses(script: str) -> None:
    done = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_ci_runs_the_test_command_of_the_readme_and_make_check() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    for part in COMMANDS[1].split(" && "):
        wanted = part.replace("python3 -m venv .venv", '"$python" -m venv "$venv"').replace(
            ".venv/bin/", '"$venv"/bin/'
        )
        assert wanted.replace("pip install", "pip install --quiet") in script
    assert re.search(r"^make check ", script, re.MULTILINE)
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111


def test_make_check_has_every_step_as_a_target_of_its_own() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    steps = re.search(r"^check: (.*)$", text, re.MULTILINE)
    assert steps is not None
    targets = set(re.findall(r"^([\w-]+):", text, re.MULTILINE))
    assert {"format-check", "lint", "imports", "stale", "types", "types-mypy", "test-fast"} == set(steps[1].split())
    assert {"check", "test", "fuzz", "bench", *steps[1].split()} <= targets


def test_one_version_everywhere() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert version("traindx") == traindx.__version__
    assert f"## [{traindx.__version__}]" in changelog
    assert f"traindx {traindx.__version__}" in README


def test_the_base_install_is_what_was_decided() -> None:
    names = {re.split(r"[>=<]", one)[0].lower() for one in PROJECT["dependencies"]}
    assert names == {"numpy", "click", "rich", "msgspec", "jinja2", "platformdirs", "charset-normalizer"}


def test_every_generated_document_is_fresh() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "docs" / "make_docs.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_link_between_documents_leads_somewhere() -> None:
    for page in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")):
        for target in re.findall(r"\]\((?!https?:)([^)#\s]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_rules_named_in_the_readme_exist() -> None:
    known = {rule.meta.code for rule in ALL_RULES}
    assert set(re.findall(r"\b[A-Z]{3}\d{3}\b", README)) <= known


def python_of_the_readme(opening: str) -> str:
    (code,) = re.findall(rf"^```python\n({opening}.*?)^```$", README, re.MULTILINE | re.DOTALL)
    return code


def test_the_python_example_of_the_readme_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    exec(compile(ast.parse(python_of_the_readme("import traindx")), "README.md", "exec"), {})
    assert capsys.readouterr().out.startswith("failing ")


def test_the_loop_of_the_readme_runs_and_stops_for_what_is_not_finite(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    found = {"traindx": traindx, "loader": range(99), "loss": float("nan"), "lr": 1e-4, "norm": 1.0}
    exec(compile(ast.parse(python_of_the_readme("with traindx.Monitor")), "README.md", "exec"), found)
    assert found["batch"] == 2  # the third in a row
    assert traindx.read("runs/clip")[0].series["lr"].steps.tolist() == [0, 1, 2]


def test_the_configuration_example_of_the_readme_is_understood(tmp_path: Path) -> None:
    from traindx.cli.configuration import load

    (text,) = re.findall(r"^```toml\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    (tmp_path / "traindx.toml").write_text(text, encoding="utf-8")
    found = load(tmp_path / "traindx.toml")
    assert found.warnings == ()
    assert found.facts == {"batch_size": 256}
    assert set(found.rules) <= {rule.meta.code for rule in ALL_RULES}


def tracked_files() -> list[Path]:
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: there is no list of tracked files")
    listed = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_no_tracked_file_names_a_place_of_one_machine() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in tracked_files()
        if path.suffix in TEXT
        if (match := MACHINE_PATH.search(path.read_text(encoding="utf-8", errors="replace")))
    ]
    assert found == []


def test_the_license_is_the_whole_apache_license() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text
    assert PROJECT["license"] == "Apache-2.0"

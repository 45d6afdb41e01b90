"""The written-out lists are complete and in order: rules, readers, and the readers' import contract."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from traindx.readers.registry import READERS
from traindx.rules import ALL_RULES

ROOT = Path(__file__).parents[2]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]


def test_every_rule_file_is_in_its_familys_list() -> None:
    files = {
        path.stem
        for path in (ROOT / "src" / "traindx" / "rules").glob("*/*.py")
        if "(Rule)" in path.read_text(encoding="utf-8")
    }
    assert files == {rule.__module__.rpartition(".")[2] for rule in ALL_RULES}


def test_codes_and_names_are_unique_and_of_one_form() -> None:
    codes, names = [r.meta.code for r in ALL_RULES], [r.meta.name for r in ALL_RULES]
    assert codes == sorted(set(codes))
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[A-Z]{3}\d{3}", code) for code in codes)


def test_a_rule_is_called_like_its_file_and_its_summary_is_short() -> None:
    for rule in ALL_RULES:
        assert rule.meta.name.replace("-", "_") == rule.__module__.rpartition(".")[2]
        assert rule.__name__ == rule.meta.name.title().replace("-", "")
        assert len(rule.meta.summary) <= 80


def test_every_rule_page_has_the_same_four_headings() -> None:
    for rule in ALL_RULES:
        headings = re.findall(r"^ *## (.*)$", rule.__doc__ or "", re.MULTILINE)
        assert headings == ["What it looks at", "Why it matters", "What to try", "When it is wrong"], rule.meta.code


def test_readers_have_unique_names_and_the_one_for_any_text_comes_last() -> None:
    names = [reader.name for reader in READERS]
    assert len(names) == len(set(names))
    assert names[-1] == "text"


def test_the_readers_contract_names_only_readers_that_exist() -> None:
    # A reader that it does not name yet is held by tests/house/test_rooms.py all the same.
    layers = next(contract["layers"] for contract in CONTRACTS if contract["id"] == "readers")
    listed = {name.strip() for layer in layers if "|" in layer for name in layer.split("|")}
    assert listed <= {reader.read.__module__.rpartition(".")[2] for reader in READERS}

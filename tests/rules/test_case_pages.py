"""Every rule has a page of cases, and every case is as the page says."""

from __future__ import annotations

from pathlib import Path

import pytest

from traindx.context import build_case
from traindx.rules import ALL_RULES, Rule
from traindx.run import Run
from traindx.testing import PageCase, check_case, read_page

CASES = Path(__file__).parent / "cases"
SOURCES = Path(__file__).parents[2] / "src" / "traindx" / "rules"
PAGES = {page.relative_to(CASES).with_suffix(""): read_page(page) for page in sorted(CASES.glob("*/*.md"))}


NOTHING = build_case(Run(name="nothing", series={}, sources=()))  # holds the keys that every case has


def page_of(rule: type[Rule]) -> Path:
    family, module = rule.__module__.split(".")[-2:]
    return Path(family) / module


def expectations(rule: type[Rule], word: str) -> list[str]:
    lines = [line for case in PAGES.get(page_of(rule), []) for line in case.expected]
    return [line for line in lines if line.startswith(f"{word} {rule.meta.code}".strip())]


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=f"{page}: {case.title}") for page, cases in PAGES.items() for case in cases]
)
def test_a_case_gives_the_report_that_its_page_shows(case: PageCase) -> None:
    assert check_case(case) == []


@pytest.mark.parametrize("rule", ALL_RULES, ids=lambda rule: rule.meta.name)
def test_every_rule_has_a_page_with_a_firing_a_quiet_and_a_lacking_case(rule: type[Rule]) -> None:
    assert page_of(rule) in PAGES, f"{rule.meta.code} needs the page tests/rules/cases/{page_of(rule)}.md"
    assert expectations(rule, ""), "no case of the page fires"
    assert expectations(rule, "passed"), "no case of the page stays quiet"
    assert expectations(rule, "skipped") or all(key in NOTHING for key in rule.needs), (
        "no case of the page lacks what the rule needs"
    )


@pytest.mark.parametrize("rule", ALL_RULES, ids=lambda rule: rule.meta.name)
def test_the_first_case_of_a_page_fires_and_is_short_enough_to_be_its_example(rule: type[Rule]) -> None:
    first = PAGES[page_of(rule)][0]
    assert any(line.startswith(rule.meta.code) for line in first.expected)
    assert sum(block.text.count("\n") for block in first.blocks) <= 40


def test_every_page_belongs_to_a_rule() -> None:
    assert set(PAGES) == {page_of(rule) for rule in ALL_RULES}
    assert all((SOURCES / page).with_suffix(".py").is_file() for page in PAGES)

"""Tests of rules as pages: a log, the facts, and the report that it must produce.

A page is Markdown. Every section (``## title``) is one case, with fenced blocks:

- ``log NAME`` (a log in any form, read as a file of that name), or ``series`` (lines ``name = description`` as
  ``traindx.testing.series_of`` reads them);
- ``facts`` (lines ``key = value``), optional;
- ``report``: what must hold, one line each: ``CODE severity: part of the headline``, ``passed CODE``,
  ``skipped CODE: key``, ``verdict state: part of the summary``, ``absent CODE`` (neither error nor warning).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import final

from traindx.diagnosis import Report, Severity
from traindx.engine import diagnose_run, select_rules
from traindx.errors import UsageError
from traindx.readers import LogFile, read_log
from traindx.run import Run
from traindx.testing.synthetic import run_of

_FENCE = re.compile(r"^```(\S+)[ \t]*(\S*)[ \t]*\n(.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class PageCase:
    """One case of a page."""

    page: str
    title: str
    runs: tuple[Run, ...]
    facts: dict[str, str]
    expected: tuple[str, ...]


def read_page(path: Path) -> list[PageCase]:
    """Return the cases of a page; a case without a log or without expectations is an error of the page."""
    text = path.read_text(encoding="utf-8")
    sections = re.split(r"^## +", text, flags=re.MULTILINE)[1:]
    return [_case(path.stem, section) for section in sections]


def _case(page: str, section: str) -> PageCase:
    title = section.partition("\n")[0].strip()
    blocks = {kind: (name, body) for kind, name, body in _FENCE.findall(section)}
    if "report" not in blocks or not ({"log", "series"} & blocks.keys()):
        raise UsageError(f"case {title!r} of page {page!r} needs a log or series block, and a report block")
    expected = tuple(line.strip() for line in blocks["report"][1].splitlines() if line.strip())
    return PageCase(
        page=page,
        title=title,
        runs=tuple(_runs(blocks)),
        facts=dict(_pairs(blocks.get("facts", ("", ""))[1])),
        expected=expected,
    )


def _runs(blocks: dict[str, tuple[str, str]]) -> Iterator[Run]:
    if "series" in blocks:
        yield run_of(dict(_pairs(blocks["series"][1])))
        return
    name, body = blocks["log"]
    yield from read_log(LogFile(path=name or "train.log", data=body.encode()))


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        if "=" in line:
            key, _, value = line.partition("=")
            yield key.strip(), value.strip()


def check_case(case: PageCase) -> list[str]:
    """Return what the report of the case lacks, in words; an empty list where it is as expected."""
    reports = [diagnose_run(run, select_rules(), facts=case.facts) for run in case.runs]
    return [problem for line in case.expected if (problem := _lacks(reports[0], line))]


def _lacks(report: Report, line: str) -> str:
    word, _, rest = line.partition(" ")
    subject, _, text = rest.partition(":")
    subject, text = subject.strip(), text.strip()
    said = "; ".join(f"{f.code} {f.severity.value}: {f.headline}" for f in report.findings) or "no findings"
    if word == "passed":
        return "" if subject in report.passed else f"{subject} did not pass: {said}; skipped {[s.code for s in report.skipped]}"
    if word == "skipped":
        needs = next((s.needs for s in report.skipped if s.code == subject), None)
        return "" if needs is not None and (not text or text in needs) else f"{subject} was not skipped for {text}: {said}"
    if word == "verdict":
        fits = report.verdict.state == subject and text in report.verdict.summary
        return "" if fits else f"verdict is {report.verdict.state}: {report.verdict.summary}"
    if word == "absent":
        loud = [f for f in report.findings if f.code == subject and f.severity is not Severity.INFO]
        return "" if not loud else f"{subject} spoke: {said}"
    fires = any(f.code == word and f.severity.value == subject and text in f.headline for f in report.findings)
    return "" if fires else f"expected {line!r}, got {said}"

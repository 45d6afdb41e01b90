"""Tests of rules as pages: a log, the facts, and the report that it must produce.

A page is Markdown. Every section (``## title``) is one case, with fenced blocks:

- ``log NAME`` (a log in any form, read as a file of that name; several of them are files of one run), or ``series``
  (lines ``name = description`` as ``traindx.testing.series_of`` reads them);
- ``checkpoints`` (lines ``path = step``): files that lie beside the log, optional;
- ``facts`` (lines ``key = value``) and ``roles`` (lines ``name = role``), both optional;
- ``report``: what must hold, one line each: ``CODE severity: part of the headline``, ``passed CODE``,
  ``skipped CODE: key``, ``verdict state: part of the summary``, ``absent CODE`` (neither error nor warning).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import final

from traindx.diagnosis import Report, Severity
from traindx.engine import diagnose_run, select_rules
from traindx.errors import UsageError
from traindx.readers import LogFile, read_log
from traindx.run import Checkpoint, Run, join_runs
from traindx.testing.synthetic import run_of

_FENCE = re.compile(r"^```(\S+)[ \t]*(\S*)[ \t]*\n(.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)


@final
@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block: its kind (``log``, ``facts``, ...), the name beside it, and its text."""

    kind: str
    name: str
    text: str


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class PageCase:
    """One case of a page: the runs that its log holds, what is told beside it, and what the report must say."""

    page: str
    title: str
    blocks: tuple[Block, ...]
    runs: tuple[Run, ...]
    facts: Mapping[str, str]
    roles: Mapping[str, str]
    expected: tuple[str, ...]


def read_page(path: Path) -> list[PageCase]:
    """Return the cases of a page. Raises ``UsageError`` for a case without a log or without expectations."""
    text = path.read_text(encoding="utf-8")
    sections = re.split(r"^## +", text, flags=re.MULTILINE)[1:]
    return [_case(path.stem, section) for section in sections]


def _case(page: str, section: str) -> PageCase:
    title = section.partition("\n")[0].strip()
    blocks = tuple(Block(*found) for found in _FENCE.findall(section))
    kinds = {block.kind for block in blocks}
    if "report" not in kinds or not ({"log", "series"} & kinds):
        raise UsageError(f"case {title!r} of page {page!r} needs a log or series block, and a report block")
    return PageCase(
        page=page,
        title=title,
        blocks=blocks,
        runs=tuple(replace(run, checkpoints=run.checkpoints + _checkpoints(blocks)) for run in _runs(blocks)),
        facts=MappingProxyType(dict(_pairs(blocks, "facts"))),
        roles=MappingProxyType(dict(_pairs(blocks, "roles"))),
        expected=tuple(line.strip() for line in _text(blocks, "report").splitlines() if line.strip()),
    )


def _runs(blocks: tuple[Block, ...]) -> Iterator[Run]:
    if series := dict(_pairs(blocks, "series")):
        yield run_of(series)
        return
    read = [read_log(LogFile(path=b.name or "train.log", data=b.text.encode())) for b in blocks if b.kind == "log"]
    yield from read[0] if len(read) == 1 else [join_runs("run", [run for runs in read for run in runs])]


def _checkpoints(blocks: tuple[Block, ...]) -> tuple[Checkpoint, ...]:
    return tuple(Checkpoint(path, step=float(step)) for path, step in _pairs(blocks, "checkpoints"))


def _text(blocks: tuple[Block, ...], kind: str) -> str:
    return "\n".join(block.text for block in blocks if block.kind == kind)


def _pairs(blocks: tuple[Block, ...], kind: str) -> Iterator[tuple[str, str]]:
    for line in _text(blocks, kind).splitlines():
        if "=" in line:
            key, _, value = line.partition("=")
            yield key.strip(), value.strip()


def check_case(case: PageCase) -> list[str]:
    """Return what the report of the case lacks, in words; an empty list where it is as expected.

    A log that holds several runs is as expected where each line holds for one of them.
    """
    rules = select_rules()
    reports = [diagnose_run(run, rules, facts=case.facts, roles=case.roles) for run in case.runs]
    answers = [[_lacks(report, line) for report in reports] for line in case.expected]
    return [problems[0] for problems in answers if all(problems)]


def _lacks(report: Report, line: str) -> str:
    word, _, rest = line.partition(" ")
    subject, _, text = rest.partition(":")
    check = _CHECKS.get(word, _fires)
    if check(report, word, subject.strip(), text.strip()):
        return ""
    said = "; ".join(f"{f.code} {f.severity.value}: {f.headline}" for f in report.findings) or "no findings"
    skipped = ", ".join(f"{s.code} ({' '.join(s.needs)})" for s in report.skipped)
    return f"expected {line!r}, got {report.verdict.state}: {report.verdict.summary} | {said} | skipped {skipped}"


def _passed(report: Report, _word: str, code: str, _text: str) -> bool:
    return code in report.passed


def _skipped(report: Report, _word: str, code: str, key: str) -> bool:
    return any(s.code == code and (not key or key in s.needs) for s in report.skipped)


def _verdict(report: Report, _word: str, state: str, text: str) -> bool:
    return report.verdict.state == state and text in report.verdict.summary


def _absent(report: Report, _word: str, code: str, _text: str) -> bool:
    return not any(f.code == code and f.severity is not Severity.INFO for f in report.findings)


def _fires(report: Report, code: str, severity: str, text: str) -> bool:
    return any(f.code == code and f.severity.value == severity and text in f.headline for f in report.findings)


_CHECKS: dict[str, Callable[[Report, str, str, str], bool]] = {
    "passed": _passed,
    "skipped": _skipped,
    "verdict": _verdict,
    "absent": _absent,
}

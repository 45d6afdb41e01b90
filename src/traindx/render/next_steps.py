"""What to type next: at most three facts to give and two commands to run, worked out from the report alone."""

from __future__ import annotations

import shlex

from traindx.diagnosis import MissingFact, Report
from traindx.render.untrusted import clean

_FACTS = 3
_COMMANDS = 2
_LONGEST_PATH = 100


def asked_facts(report: Report) -> tuple[MissingFact, ...]:
    """Return the facts to ask for, those that would change most first; never more than three."""
    return report.missing_facts[:_FACTS]


def would(fact: MissingFact) -> str:
    """Return what a missing fact would change, as a clause that begins with "would"."""
    return fact.would if fact.would.startswith("would ") else f"would {fact.would}"


def next_commands(report: Report) -> tuple[str, ...]:
    """Return at most two commands worth typing after this report."""
    path = _typed(report.sources[0].path) if report.sources else ""
    unread = any(source.skipped_rows or source.incomplete for source in report.sources)
    wanted: list[str] = []
    if report.findings:
        wanted.append(f"traindx rule {report.findings[0].code}")
    if path and (unread or report.verdict.state == "inconclusive"):
        wanted.append(f"traindx doctor {path}")
    if report.missing_facts:
        wanted.append(f"traindx facts set {report.missing_facts[0].key}=VALUE")
    if path and report.findings:
        wanted.append(f"traindx {path} -v")
    return tuple(wanted[:_COMMANDS])


def _typed(path: str) -> str:
    """Return a path as a shell wants it, or nothing where showing it would change it or fill the screen."""
    return shlex.quote(path) if clean(path) == path and len(path) <= _LONGEST_PATH else ""

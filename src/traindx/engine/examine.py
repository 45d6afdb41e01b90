"""Asking every rule of a case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

from traindx.context import Case
from traindx.diagnosis import Finding, Severity, Skipped
from traindx.rules import Rule

_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


@final
@dataclass(frozen=True, slots=True)
class Examination:
    """What the rules said: findings (the gravest first), codes that passed, rules that could not run, and rules that broke."""

    findings: tuple[Finding, ...]
    passed: tuple[str, ...]
    skipped: tuple[Skipped, ...]
    broken: tuple[str, ...] = ()


def examine(case: Case, rules: Sequence[Rule]) -> Examination:
    """Ask every rule whose needs the case meets. A rule that raises is a defect: it is named, and the others go on."""
    findings: list[Finding] = []
    passed: list[str] = []
    skipped: list[Skipped] = []
    broken: list[str] = []
    for rule in rules:
        missing = tuple(key.name for key in rule.needs if key not in case)
        if missing:
            skipped.append(Skipped(rule.meta.code, missing))
            continue
        try:
            found = list(rule.check(case.only((*rule.needs, *rule.may_use))))
        except Exception as problem:  # noqa: BLE001 - one broken rule must not hide what the others see
            broken.append(f"{rule.meta.code} failed with {type(problem).__name__}: {problem}")
            continue
        findings += found
        if not found:
            passed.append(rule.meta.code)
    ordered = sorted(_unexplained(findings, rules), key=lambda f: (_ORDER[f.severity], -f.rank, -f.confidence, f.code))
    return Examination(tuple(ordered), tuple(passed), tuple(skipped), tuple(broken))


def _unexplained(findings: Sequence[Finding], rules: Sequence[Rule]) -> list[Finding]:
    """The findings that no deeper one explains; remarks explain nothing."""
    spoke = {f.code for f in findings if f.severity is not Severity.INFO}
    explained_by = {rule.meta.code: rule.explained_by for rule in rules}
    return [f for f in findings if not spoke & set(explained_by.get(f.code, ()))]

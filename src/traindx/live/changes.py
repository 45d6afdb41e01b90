"""What changed between two reports of one growing run: findings that appeared, grew worse, or cleared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, final

from traindx.diagnosis import Finding, Report, Severity

_GRAVITY: Final = {Severity.INFO: 0, Severity.WARNING: 1, Severity.ERROR: 2}


@final
@dataclass(frozen=True, slots=True)
class Change:
    """One finding that changed its state, and the last step of the run when that was seen (None without steps)."""

    state: Literal["appeared", "worse", "cleared"]
    finding: Finding
    step: float | None


def changes_between(before: Report | None, after: Report) -> tuple[Change, ...]:
    """Return what changed, the gravest first. A finding is the same one where code and judged series agree."""
    old = {_identity(finding): finding for finding in (before.findings if before else ())}
    new = {_identity(finding): finding for finding in after.findings}
    told: list[Change] = []
    for name, finding in new.items():
        known = old.get(name)
        if known is None:
            told.append(Change("appeared", finding, after.last_step))
        elif _GRAVITY[finding.severity] > _GRAVITY[known.severity]:
            told.append(Change("worse", finding, after.last_step))
    told += [Change("cleared", finding, after.last_step) for name, finding in old.items() if name not in new]
    return tuple(sorted(told, key=lambda change: -_GRAVITY[change.finding.severity]))


def _identity(finding: Finding) -> tuple[str, Sequence[str]]:
    return finding.code, tuple(sorted({e.span.series for e in finding.evidence if e.span is not None}))

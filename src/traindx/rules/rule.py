"""What every rule is: a frozen dataclass that asks one question of a case."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, final

from traindx.context import Case, Key
from traindx.diagnosis import Condition, Evidence, Finding, Severity


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class RuleMeta:
    """What a rule is called: a stable code, the name of the bad pattern, and a summary of at most 80 characters."""

    code: str
    name: str
    since: str
    summary: str


class Rule(ABC):
    """One question asked of a case.

    Sub-classes are final frozen dataclasses: their fields are their options, ``needs`` the keys without which they
    cannot run, ``may_use`` the keys that they read where present (``case.get``), their docstring is their page. A finding is
    left out where a rule of ``explained_by`` spoke: one fault, one finding.
    """

    __slots__ = ()

    meta: ClassVar[RuleMeta]
    needs: ClassVar[tuple[Key[Any], ...]]
    may_use: ClassVar[tuple[Key[Any], ...]] = ()
    condition: ClassVar[Condition | None] = None
    explained_by: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def check(self, case: Case) -> Iterator[Finding]:
        """Yield what is wrong; nothing where the case is in order."""

    def finding(
        self, headline: str, *evidence: Evidence, severity: Severity, confidence: float, **more: Any
    ) -> Finding:
        """Return a finding of this rule; ``more`` are further fields of ``Finding``."""
        more.setdefault("condition", self.condition)
        return Finding(
            code=self.meta.code,
            name=self.meta.name,
            severity=severity,
            confidence=round(min(max(confidence, 0.0), 1.0), 2),
            headline=headline,
            evidence=evidence,
            **more,
        )

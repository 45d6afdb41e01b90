"""What every rule and every check of data has in common: a stable code, a page, and findings in its name."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar, final

from traindx.diagnosis.finding import Condition, Evidence, Finding, Severity

Subject_contra = TypeVar("Subject_contra", contravariant=True)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class RuleMeta:
    """What a rule is called: a stable code, the name of the bad pattern, and a summary of at most 80 characters."""

    code: str
    name: str
    since: str
    summary: str


class Question(ABC):
    """Something that is asked and answered with findings. Its docstring is its page, its fields are its options."""

    __slots__ = ()

    meta: ClassVar[RuleMeta]
    condition: ClassVar[Condition | None] = None

    def finding(
        self, headline: str, *evidence: Evidence, severity: Severity, confidence: float, **more: Any
    ) -> Finding:
        """Return a finding under this question's name; ``more`` are further fields of ``Finding``."""
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


class Check(Question, Generic[Subject_contra]):
    """One question asked of measured data: of the statistics of a dataset, or of a set of embeddings."""

    __slots__ = ()

    @abstractmethod
    def check(self, subject: Subject_contra) -> Iterator[Finding]:
        """Yield what is wrong; nothing where the data are in order, or where they do not tell."""

"""Which findings end a training, and how sure and how lasting they must be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import final

from traindx.diagnosis import Finding, Report


@final
@dataclass(frozen=True, slots=True)
class StopDecision:
    """Why a training should end: one sentence, the finding behind it where there is one, and the step it was decided at."""

    reason: str
    finding: Finding | None = None
    step: float | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class StopPolicy:
    """What stops a training.

    ``on`` are beginnings of rule codes ("NAN", "BAS001") or conditions ("nan", "at_chance"); ``confidence`` is the least a
    finding must have; ``confirmations`` is in how many judgements in a row it must stand.
    """

    on: tuple[str, ...] = ()
    confidence: float = 0.8
    confirmations: int = 2

    def concerns(self, finding: Finding) -> bool:
        """Whether this finding may stop the run."""
        named = any(finding.code.startswith(one) or finding.condition == one for one in self.on)
        return named and finding.confidence >= self.confidence


@final
@dataclass(slots=True)
class Stopper:
    """Applies a policy to judgement after judgement."""

    policy: StopPolicy
    _standing: dict[str, int] = field(default_factory=dict[str, int])

    def decide(self, report: Report) -> StopDecision | None:
        """Take the next judgement; return the decision to stop, or None."""
        found = [finding for finding in report.findings if self.policy.concerns(finding)]
        self._standing = {f.code: self._standing.get(f.code, 0) + 1 for f in found}
        lasting = [finding for finding in found if self._standing[finding.code] >= self.policy.confirmations]
        return _decision(lasting, report)


def _decision(findings: Sequence[Finding], report: Report) -> StopDecision | None:
    if not findings:
        return None
    return StopDecision(f"{findings[0].code}: {findings[0].headline}", findings[0], report.last_step)

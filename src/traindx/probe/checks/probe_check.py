"""What every check of a probe has: a page, a code, findings, and the measurements without which it is not asked."""

from __future__ import annotations

from typing import Any, ClassVar

from traindx.diagnosis import Check, Finding, Severity
from traindx.probe.measured import Field, Measured


class ProbeCheck(Check[Measured]):
    """A check of what the experiments found. ``needs`` names the measurements without which it is not asked, ``uses`` those that it looks at besides."""

    __slots__ = ()

    needs: ClassVar[tuple[Field, ...]] = ()
    uses: ClassVar[tuple[Field, ...]] = ()

    def found(self, headline: str, *evidence: Any, severity: Severity, confidence: float, **more: Any) -> Finding:
        """Return a finding that rests on data: on what was measured on the batch."""
        more.setdefault("decided_by", "data")
        return self.finding(headline, *evidence, severity=severity, confidence=confidence, **more)

"""PRB021: a large part of the model is frozen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.diagnosis import Evidence, Finding, RuleMeta, Severity
from traindx.probe.checks.probe_check import ProbeCheck
from traindx.probe.checks.wording import percent, some
from traindx.probe.measured import Measured

# Parts that are frozen by design: they follow another network by averaging.
_FOLLOWERS = ("teacher", "target", "ema", "momentum", "reference", "ref_model")


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ParametersFrozen(ProbeCheck):
    """A large part of the model is frozen, though nobody said so.

    ## What it looks at
    Parameters that do not require a gradient, by their share of all numbers, and whether the optimiser holds them all the same.

    ## Why it matters
    A backbone that was frozen for an earlier experiment and forgotten keeps its values; the head learns what it can on top, and the curve shows a model that
    is merely poor.

    ## What to try
    - `requires_grad_(True)`, before the optimiser is made.
    - If it is meant: `facts={"lora": True}` for adapters, or leave the frozen parameters out of the optimiser.

    ## When it is wrong
    Linear probing and adapters, where freezing is the point.
    """

    meta: ClassVar = RuleMeta(
        code="PRB021", name="parameters-frozen", since="0.2", summary="a large part of the model is frozen"
    )
    needs: ClassVar = ("start",)
    uses: ClassVar = ("rates",)

    share: float = 0.25
    """Of all numbers: tables of positions and temperatures are less, a backbone is more."""

    def check(self, subject: Measured) -> Iterator[Finding]:
        """Weigh the frozen part."""
        total = sum(p.size for p in subject.parameters) or 1
        frozen = [p for p in subject.parameters if not p.trainable and not any(w in p.name.lower() for w in _FOLLOWERS)]
        share = sum(p.size for p in frozen) / total
        if not share > self.share or (subject.told.is_true("lora") and share < 1):
            return
        held = [p for p in frozen if subject.rates is not None and p.name in subject.rates.held]
        meant = subject.rates is not None and not held and share < 1
        yield self.found(
            f"{percent(share)} of the model is frozen: {some([p.name for p in frozen])}",
            Evidence(
                label="share of frozen parameters",
                measured=share,
                expected=0.0,
                note=f"the optimiser holds {len(held)} of these {len(frozen)}"
                if subject.rates
                else f"{len(frozen)} tensors",
            ),
            severity=Severity.ERROR if share == 1 else Severity.INFO if meant else Severity.WARNING,
            confidence=0.95 if share == 1 else 0.8,
            why="the optimiser was given them, so they were meant to be trained"
            if held
            else "what is frozen keeps its first values",
            do=(
                "requires_grad_(True) before the optimiser is made",
                "if it is meant, tell it: facts={'lora': True}, or give the optimiser only what is trained",
            ),
            rank=74,
        )

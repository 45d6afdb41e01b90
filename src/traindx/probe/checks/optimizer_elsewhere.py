"""PRB030: the optimiser does not hold the model's parameters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.diagnosis import Evidence, Finding, RuleMeta, Severity
from traindx.probe.checks.probe_check import ProbeCheck
from traindx.probe.checks.wording import percent, some
from traindx.probe.measured import Measured


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class OptimizerElsewhere(ProbeCheck):
    """The optimiser holds none of the model's parameters, or misses some that have a gradient.

    ## What it looks at
    The parameters in the optimiser's groups against those of the model, by identity.

    ## Why it matters
    An optimiser made before the model was replaced, copied, moved or re-initialised steps on tensors that nobody uses. A layer that was added later is never
    trained. The loss stays, or falls only as far as the rest can bring it.

    ## What to try
    - Make the optimiser after the model is complete and on its device, from `model.parameters()`.

    ## When it is wrong
    Where several optimisers share a model: probe with one at a time, and take this as a list of what the other must hold.
    """

    meta: ClassVar = RuleMeta(
        code="PRB030",
        name="optimizer-elsewhere",
        since="0.2",
        summary="the optimiser does not hold the model's parameters",
    )
    needs: ClassVar = ("rates",)

    def check(self, subject: Measured) -> Iterator[Finding]:
        """Compare the two sets."""
        rates = subject.rates
        trained = [p for p in subject.parameters if p.trainable]
        if rates is None or not trained:
            return
        missing = [p for p in trained if p.name not in rates.held]
        share = sum(p.size for p in missing) / sum(p.size for p in trained)
        if len(missing) == len(trained):
            yield self.found(
                f"{rates.name} holds none of the model's {len(trained)} trainable parameters, and {rates.foreign} others",
                Evidence(label="parameters of the model in the optimiser", measured=0.0, expected=float(len(trained))),
                severity=Severity.ERROR,
                confidence=0.97,
                why="its steps change tensors that the model does not use",
                do=("make the optimiser from this model's parameters, after the model is complete",),
                rank=97,
            )
        elif missing:
            yield self.found(
                f"{percent(share)} of the trainable parameters are not in {rates.name}: {some([p.name for p in missing])}",
                Evidence(label="share of trainable parameters left out", measured=share, expected=0.0),
                severity=Severity.WARNING,
                confidence=0.85,
                why="they get gradients and never move",
                do=("make the optimiser after the last layer was added; or freeze what is not to be trained",),
                rank=77,
            )

"""PRB023: units that are zero for every sample."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.diagnosis import Evidence, Finding, RuleMeta, Severity
from traindx.probe.checks.probe_check import ProbeCheck
from traindx.probe.checks.wording import percent
from traindx.probe.measured import Measured


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class UnitsDead(ProbeCheck):
    """Nearly all units of a layer are zero for every sample of the batch, or nearly all are at the end of their range.

    ## What it looks at
    What rectified layers put out and what layers with weights are given, where that is never negative; for sigmoid and tanh, values within 1 % of their ends.

    ## Why it matters
    A unit that is zero for every sample has no gradient and stays so. Behind a layer of such units nothing is learnt.

    ## What to try
    - Biases that start at zero, a smaller learning rate, normalisation before the activation, or LeakyReLU and GELU.

    ## When it is wrong
    In deep networks half of the units are off for all samples of a small batch; only nine in ten and more are counted.
    """

    meta: ClassVar = RuleMeta(
        code="PRB023", name="units-dead", since="0.2", summary="nearly all units of a layer are zero or saturated"
    )
    needs: ClassVar = ("layers",)

    dead: float = 0.9
    """Half of the units of a deep network are off for all of a small batch; nine in ten are no luck."""
    saturated: float = 0.9
    units: int = 8

    def check(self, subject: Measured) -> Iterator[Finding]:
        """Speak of the worst layer."""
        layers = [layer for layer in subject.layers or () if layer.units >= self.units]
        for kind, limit in (("dead", self.dead), ("saturated", self.saturated)):
            shares = {
                layer.name: share for layer in layers if (share := getattr(layer, kind)) is not None and share > limit
            }
            if not shares:
                continue
            worst = max(shares, key=lambda name: shares[name])
            layer = next(layer for layer in layers if layer.name == worst)
            what = "units are zero for every sample" if kind == "dead" else "values are at the end of their range"
            yield self.found(
                f"{percent(shares[worst])} of the {layer.units:,} {what} at {worst or 'the model'}",
                Evidence(
                    label=f"share of {kind} units",
                    measured=shares[worst],
                    expected=0.0,
                    note=f"{len(shares)} such layers" if len(shares) > 1 else "",
                ),
                severity=Severity.ERROR if shares[worst] == 1 and kind == "dead" else Severity.WARNING,
                confidence=0.9,
                why="they have no gradient and stay so: nothing before them learns",
                do=(
                    "start biases at zero, normalise before the activation, or use LeakyReLU or GELU",
                    "lower the learning rate",
                ),
                rank=78,
            )

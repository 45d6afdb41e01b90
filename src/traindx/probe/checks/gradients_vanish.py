"""PRB022: gradients vanish or explode on their way through the layers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.diagnosis import Evidence, Finding, RuleMeta, Severity
from traindx.probe.checks.probe_check import ProbeCheck
from traindx.probe.checks.wording import n
from traindx.probe.measured import Measured
from traindx.probe.subject import Parameter, Slope


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class GradientsVanish(ProbeCheck):
    """The gradient of the first layers is a hundred thousand times smaller, or larger, than that of the last.

    ## What it looks at
    The root mean square of the gradient of every weight matrix, the largest of the first third of the model against the largest of the last third, at the start
    and after four small steps: both times, since a head that starts at zero lets nothing through at first.

    ## Why it matters
    The layers whose gradient vanishes do not learn; one learning rate cannot suit both ends.

    ## What to try
    - Normalisation layers and residual connections; ReLU or GELU for sigmoid and tanh; an initialisation that keeps the variance (He, Glorot).

    ## When it is wrong
    Where the parts are not one after the other: two networks side by side.
    """

    meta: ClassVar = RuleMeta(
        code="PRB022", name="gradients-vanish", since="0.2", summary="gradients vanish or explode through the layers"
    )
    needs: ClassVar = ("flow",)

    ratio: float = 1e5
    """Healthy networks of any depth stay within a thousand; ten sigmoids in a row reach a hundred million."""
    matrices: int = 6
    """With fewer there is no way to get lost on."""

    def check(self, subject: Measured) -> Iterator[Finding]:
        """Compare the ends of the model."""
        flow = subject.flow
        if flow is None:
            return
        ratios = [self._ends(slopes, flow.parameters) for slopes in (flow.first, flow.later)]
        if any(r is None for r in ratios):
            return
        early, late = (ratio or 1.0 for ratio in ratios)
        vanish = max(early, late) < 1 / self.ratio
        if not vanish and not min(early, late) > self.ratio:
            return
        times = 1 / late if vanish else late
        yield self.found(
            f"the gradient of the first layers is {n(times)} times {'smaller' if vanish else 'larger'} than that of the last",
            Evidence(
                label="first layers' gradient over the last ones'",
                measured=late,
                expected=1.0,
                note=f"{n(early)} before any step",
            ),
            severity=Severity.WARNING,
            confidence=0.9,
            why="the first layers do not learn" if vanish else "no learning rate suits both ends",
            do=(
                "add normalisation and residual connections, or an initialisation that keeps the variance",
                "replace sigmoid and tanh by ReLU or GELU",
            ),
            rank=68,
        )

    def _ends(self, slopes: Sequence[Slope], parameters: Sequence[Parameter]) -> float | None:
        matrices = {p.name for p in parameters if len([side for side in p.shape if side > 1]) > 1}
        sizes = [slope.rms for slope in slopes if slope.name in matrices and slope.norm and slope.finite]
        third = len(sizes) // 3
        if len(sizes) < self.matrices:
            return None
        return max(sizes[:third]) / max(sizes[-third:])

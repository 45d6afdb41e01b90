"""PRB020: parameters matter to the loss, and no gradient reaches them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.diagnosis import Evidence, Finding, RuleMeta, Severity
from traindx.probe.checks.probe_check import ProbeCheck
from traindx.probe.checks.wording import n, percent, some
from traindx.probe.measured import Measured


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class NoGradientReaches(ProbeCheck):
    """Parameters change the loss when they are nudged, and their gradient is nothing.

    ## What it looks at
    Trainable parameters without a gradient both at the start and after four small steps. Each such layer is nudged by a quarter of its size: if the loss
    changes, the layer matters, and the way back to it is cut. If it does not, the layer is merely unused by this loss.

    ## Why it matters
    Whatever lies behind a `detach`, a `no_grad`, a conversion to numpy or an `argmax` keeps its initial values for ever, while the rest learns around it.

    ## What to try
    - Follow the layer's output to the loss, and look for detach(), torch.no_grad(), .data, .item(), numpy or jax.lax.stop_gradient.

    ## When it is wrong
    A branch that is detached on purpose (a target network, a straight-through estimator): freeze its parameters, and it is told as frozen.
    """

    meta: ClassVar = RuleMeta(
        code="PRB020",
        name="no-gradient-reaches",
        since="0.2",
        summary="parameters matter to the loss, and no gradient reaches them",
    )
    needs: ClassVar = ("start", "flow")

    tolerance: float = 1e-5
    """Of the loss: a nudge that moves it less moves nothing."""
    unused: float = 0.01
    """Of all parameters: fewer that are unused are not worth a remark."""

    def check(self, subject: Measured) -> Iterator[Finding]:
        """Speak of what is cut off, then of what is unused."""
        start, flow = subject.start, subject.flow
        if start is None or start.computed is None or flow is None or not flow.first:
            return
        level = abs(start.computed.total)
        if not any(slope.norm for slope in (*flow.first, *flow.later)):
            yield self.found(
                f"no parameter gets a gradient from the loss of {n(start.computed.total)}",
                Evidence(label="parameters with a gradient", measured=0.0, expected=float(len(flow.first))),
                severity=Severity.ERROR,
                confidence=0.97,
                why="nothing can be learnt: the loss was made of numbers, or every way back is cut or dead",
                do=("look for detach(), no_grad, .item(), numpy or argmax between the model and the loss",),
                rank=94,
            )
            return
        cut = [group for group in flow.silent if group.moved > self.tolerance * level]
        if cut:
            names = [group.layer for group in cut]
            yield self.found(
                f"the loss depends on {some(names)}, and no gradient reaches {'it' if len(cut) == 1 else 'them'}",
                *(
                    Evidence(
                        label=f"change of the loss when {group.layer} is nudged",
                        measured=group.moved,
                        expected=0.0,
                        formula="as its gradient says",
                        note=f"{percent(group.share)} of the trainable parameters",
                    )
                    for group in cut[:4]
                ),
                severity=Severity.ERROR,
                confidence=0.93,
                why="these layers keep their first values for ever",
                do=(
                    "follow their output to the loss, and look for detach(), no_grad(), .data, numpy, argmax or stop_gradient",
                ),
                check="a gradient that is no zero anywhere in these layers",
                rank=91,
            )
        unused = [group for group in flow.silent if not group.moved > self.tolerance * level]
        share = sum(group.share for group in unused)
        if share > self.unused:
            yield self.found(
                f"{percent(share)} of the trainable parameters do not touch this loss: {some([g.layer for g in unused])}",
                Evidence(label="share of unused parameters", measured=share, expected=0.0),
                severity=Severity.INFO,
                confidence=0.9,
                do=("leave them out of the model or the optimiser; DistributedDataParallel waits for their gradients",),
                rank=20,
            )

"""OPT003: nearly every step is clipped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import CLIP_NORM, GRAD_NORM, OPTIMIZER, TRAIN_LOSS, Case
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.rule import Rule, RuleMeta

# Optimisers that divide by the size of the gradient: a constant factor cancels.
_SCALE_FREE = (
    "adam",
    "lion",
    "adafactor",
    "lamb",
    "rmsprop",
    "sophia",
    "muon",
    "adagrad",
    "shampoo",
    "lars",
    "novograd",
)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ClippingSaturated(Rule):
    """Nearly every step is clipped, so that the clip norm and not the gradient sets the step.

    ## What it looks at
    The share of logged gradient norms above the clip norm; without a known clip norm, norms that stand at one value, as
    norms logged after clipping do.

    ## Why it matters
    Under SGD the step length becomes a constant: the learning rate is divided by the factor of clipping. Under Adam and
    its relatives a constant factor cancels, and clipping only evens out the weight of steps. What it never does is cap a
    loss.

    ## What to try
    - SGD: raise the clip norm above the median gradient norm, or lower the loss scale at its source.
    - Adam: no alarm; log the norm before clipping to see its variation.

    ## When it is wrong
    Recipes that clip at 0.1 by design (DETR and its descendants), reinforcement learning.
    """

    meta: ClassVar = RuleMeta(
        code="OPT003", name="clipping-saturated", since="0.1", summary="nearly every step is clipped"
    )
    needs: ClassVar = (GRAD_NORM,)
    may_use: ClassVar = (CLIP_NORM, OPTIMIZER, TRAIN_LOSS)
    condition: ClassVar = "clipped"

    share: float = 0.9
    points: int = 5
    learnt_share: float = 0.3
    """A loss that came down by three tenths, beyond its noise, bears the shorter steps: then it is no more than a remark."""

    def check(self, case: Case) -> Iterator[Finding]:
        series = case[GRAD_NORM].series.finite()
        if len(series) < 1:
            return
        clip, median = case.get(CLIP_NORM), float(np.median(series.values))
        if clip is not None and clip > 0:
            clipped = float(np.mean(series.values > clip * 1.001))
            at_limit = float(np.mean(np.abs(series.values - clip) <= 0.005 * clip))
        else:
            top = float(np.max(series.values))
            clipped, at_limit = 0.0, float(np.mean(np.abs(series.values - top) <= 0.005 * top)) if top > 0 else 0.0
            at_limit = at_limit if len(series) >= 20 and float(np.ptp(series.values)) > 0 else 0.0
        if not (clipped >= self.share or (at_limit >= self.share and len(series) >= self.points)):
            return
        limit = clip or float(np.max(series.values))
        yield self._describe(case, limit, median, max(clipped, at_limit), logged_after=clipped < self.share)

    def _describe(self, case: Case, limit: float, median: float, share: float, *, logged_after: bool) -> Finding:
        optimizer = str(case.get(OPTIMIZER) or "").lower()
        free, sgd = any(name in optimizer for name in _SCALE_FREE), optimizer.startswith(("sgd", "momentum"))
        factor = median / limit
        meaning = (
            f"under {optimizer} a constant factor cancels: this alone does not prevent learning"
            if free
            else f"under SGD the learning rate is in effect divided by {factor:.3g}"
            if sgd
            else "under SGD this divides the learning rate; under Adam and its relatives a constant factor cancels"
        )
        what = (
            f"stands at {limit:.4g}, as a norm logged after clipping does"
            if logged_after
            else f"is {median:.4g}, {factor:.3g} times the clip norm {limit:g}"
        )
        return self.finding(
            f"{100 * share:.0f} % of logged steps are clipped: the typical gradient norm {what}",
            Evidence(
                label="typical gradient norm",
                measured=median,
                expected=limit,
                formula="clip norm",
                span=case.span(case[GRAD_NORM].series),
            ),
            severity=Severity.WARNING if sgd and not self._learns(case) else Severity.INFO,
            confidence=0.85 if not logged_after else 0.7,
            why=meaning,
            do=(
                ("raise the clip norm above the median norm, or bring the loss to unit scale first",)
                if sgd
                else (
                    "log the norm before clipping; if it varies strongly, clipping is what hides the outlier batches",
                    "bring targets and loss to unit scale: then few steps are clipped",
                )
            ),
            check="200 steps with clipping off and the norm logged",
            decided_by="facts",
            rank=20,
        )

    def _learns(self, case: Case) -> bool:
        """Whether the training loss has come down plainly all the same."""
        loss = case.get(TRAIN_LOSS)
        curve = loss.curve if loss is not None else None
        return curve is not None and curve.gained > max(self.learnt_share * abs(curve.start.value), 5 * curve.error)

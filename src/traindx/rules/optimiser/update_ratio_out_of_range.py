"""OPT011: updates are far too large or far too small for the weights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import READINGS, TRAIN_LOSS, Case, Reading, is_flat
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.rule import Rule, RuleMeta
from traindx.run import Floats, Series


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateRatioOutOfRange(Rule):
    """One step changes the weights by more than a tenth of their size, or by less than a millionth.

    ## What it looks at
    The logged ratio of update to weight, or the quotient of the logged norms of update and weights, beside the loss.

    ## Why it matters
    Around a thousandth per step is what trains well. A tenth replaces the weights within ten steps; a millionth leaves
    them as they were after thousands.

    ## What to try
    - Change the learning rate by the factor that is missing.

    ## When it is wrong
    Weights that start at zero (adapters, gates) have enormous ratios at first; a decayed rate ends with tiny ones.
    """

    meta: ClassVar = RuleMeta(
        code="OPT011",
        name="update-ratio-out-of-range",
        since="0.1",
        summary="updates are far too large or too small for the weights",
    )
    needs: ClassVar = (READINGS, TRAIN_LOSS)
    condition: ClassVar = None
    explained_by: ClassVar = ("OPT001", "OPT009")

    largest: float = 0.1
    smallest: float = 1e-6
    points: int = 10

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak where the typical ratio of the middle of the run is out of range and the loss shows trouble."""
        found = _ratio(case[READINGS])
        loss = case[TRAIN_LOSS].curve
        if found is None or loss is None or len(found[1]) < self.points or loss.count < self.points:
            return
        series, ratios = found
        spread = ratios[:: max(1, len(ratios) // 20_000)]
        middle = spread[len(spread) // 4 : -max(1, len(spread) // 4)]
        typical = float(np.median(middle))
        if self.smallest <= typical <= self.largest or not typical > 0:
            return
        trouble = is_flat(loss) or loss.lost > 0.5 * max(loss.gained, 0.0) + 3 * loss.error
        if typical < self.smallest and not trouble:
            return
        yield self._describe(case, series, typical, trouble=trouble)

    def _describe(self, case: Case, series: Series, typical: float, *, trouble: bool) -> Finding:
        large = typical > self.largest
        limit = self.largest if large else self.smallest
        return self.finding(
            f"one update is typically {typical:.2g} of the weights, {'above' if large else 'below'} {limit:g}",
            Evidence(
                label="typical ratio of update to weight",
                measured=typical,
                expected=1e-3,
                formula="about a thousandth per step trains well",
                span=case.span(series),
            ),
            severity=Severity.WARNING if trouble else Severity.INFO,
            confidence=0.8 if trouble else 0.6,
            why="the weights are replaced within a few steps" if large else "the weights stay what they were",
            do=(f"change the learning rate by a factor of about {1e-3 / typical:.2g}",),
            check="before = [p.detach().clone() for p in model.parameters()]; optimizer.step(); print([((p - b).norm() / b.norm()).item() for p, b in zip(model.parameters(), before)])",
            rank=48,
        )


def _ratio(readings: tuple[Reading, ...]) -> tuple[Series, Floats] | None:
    """A logged ratio of update to weight, or the quotient of the two norms where both are logged at the same points."""
    whole = [r for r in readings if r.role.component is None and len(r.series)]
    updates = [r for r in whole if r.role.kind == "update_norm"]
    named = next((r for r in updates if "ratio" in r.name.lower()), None)
    if named is not None:
        series = named.series.finite()
        values = series.values
        return series, np.power(10.0, np.clip(values, -300, 300)) if "log" in named.name.lower() else values
    weights = next((r for r in whole if r.role.kind == "weight_norm"), None)
    if not updates or weights is None or len(updates[0].series) != len(weights.series):
        return None
    with np.errstate(all="ignore"):
        quotient = updates[0].series.values / weights.series.values
    return (updates[0].series, quotient[np.isfinite(quotient)])

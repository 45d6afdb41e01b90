"""PRB050: one batch cannot be learnt by heart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.diagnosis import Evidence, Finding, RuleMeta, Severity
from traindx.probe.checks.probe_check import ProbeCheck
from traindx.probe.checks.wording import n
from traindx.probe.measured import Measured


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class BatchNotLearnt(ProbeCheck):
    """Trained on one batch alone, the loss stays at what knowing nothing costs, or far above its floor.

    ## What it looks at
    Up to 200 steps of Adam on the one batch, at the best of three learning rates, against the level of a constant answer and the floor.

    ## Why it matters
    A model that cannot learn a handful of samples by heart will not learn a dataset. It is the cheapest test of everything between data and weights.

    ## What to try
    - What the other findings say first. Else: fewer samples, no augmentation, no dropout, and a look at the outputs while it fits.

    ## When it is wrong
    Where noise is drawn at every step, and where equal inputs have different targets. A fit that was still falling, or ended by the clock, is not counted.
    """

    meta: ClassVar = RuleMeta(
        code="PRB050", name="batch-not-learnt", since="0.2", summary="one batch cannot be learnt by heart"
    )
    needs: ClassVar = ("start", "fit")
    condition: ClassVar = "at_chance"

    nothing: float = 0.05
    """Of the way from the trivial level to the floor: less is nothing learnt."""
    stuck: float = 0.5
    """Of the way: a batch is learnt by heart, so half is a barrier."""
    falling: float = 0.01
    """Of the way, in the last quarter of the steps: what falls more is still on its way."""
    steps: int = 60

    def check(self, subject: Measured) -> Iterator[Finding]:
        """Compare the end with the levels."""
        fit, start = subject.fit, subject.start
        if fit is None or start is None or start.computed is None or len(fit.descent.losses) < self.steps:
            return
        levels = fit.levels
        reference = levels.reference
        if reference is None or not reference[0] > (levels.floor or 0.0):
            return
        level, formula = reference
        way = level - (levels.floor or 0.0)
        share = (level - fit.end) / way
        quarter = len(fit.descent.losses) // 4
        late = sorted(fit.descent.losses[-quarter:])[quarter // 2]
        before = sorted(fit.descent.losses[-2 * quarter : -quarter])[quarter // 2]
        if not share < self.stuck or before - late > self.falling * way:
            return
        nothing = share < self.nothing
        yield self.found(
            f"after {len(fit.descent.losses)} steps on one batch the loss is {n(fit.end)}, "
            + (
                f"where a constant answer costs {n(level)}"
                if nothing
                else f"and stands still above its floor of {n(levels.floor or 0.0)}"
            ),
            Evidence(
                label="loss after the fit",
                measured=fit.end,
                expected=levels.floor or 0.0,
                formula=f"learnt by heart; {n(level)} is {formula}",
                unit=levels.unit,
            ),
            Evidence(label="share of the way to the floor", measured=share, expected=1.0, note=f"Adam at {fit.rate:g}"),
            severity=Severity.ERROR if nothing else Severity.WARNING,
            confidence=0.85 if nothing else 0.7,
            condition="at_chance" if nothing else "plateau",
            why="what cannot learn a handful of samples by heart will not learn a dataset",
            do=(
                "follow the other findings first; then look at the outputs while it fits, without dropout and augmentation",
            ),
            rank=80,
        )

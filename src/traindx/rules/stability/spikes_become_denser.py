"""SPK003: spikes of the loss come ever closer together."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import GAMES, TASKS, TRAIN_LOSS, Case, has_task
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.rule import Rule, RuleMeta
from traindx.run import Floats
from traindx.signals import excursions


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SpikesBecomeDenser(Rule):
    """Spikes of the training loss come ever closer together.

    ## What it looks at
    The places of all excursions beyond eight deviations, against places drawn at random: their mean lies at the middle then (Laplace's test).

    ## Why it matters
    Hard batches come at a steady rate. Spikes that become denser mean that the model becomes easier to throw out: it is on
    its way to divergence.

    ## What to try
    - Lower the learning rate now; lower the second Adam coefficient to 0.95; clip tighter.

    ## When it is wrong
    Data that become more uneven along the run; a loss near zero, where small leaps look large.
    """

    meta: ClassVar = RuleMeta(
        code="SPK003", name="spikes-become-denser", since="0.1", summary="spikes of the loss come ever closer together"
    )
    needs: ClassVar = (TRAIN_LOSS,)
    may_use: ClassVar = (TASKS,)
    explained_by: ClassVar = ("DIV001", "LOG003", "DIV004")

    fewest: int = 6
    z: float = 3.3
    """One in a thousand for places drawn at random."""

    longest: int = 200_000
    """Places of spikes in longer series are not looked for: they would cost more than all other rules."""

    height: float = 0.2
    """Leaps of less than a fifth of the level cost nothing."""

    beside: int = 10

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak where the places of spikes lean to the end."""
        series = case[TRAIN_LOSS].series.finite()
        playing = has_task(case, GAMES | {"diffusion"})
        if playing or not 100 <= len(series) <= self.longest:
            return
        values = series.values
        found = [k for k in excursions(values) if k[0] >= 0.05 * len(series) and self._tall(values, *k)]
        if len(found) < self.fewest:
            return
        begun = 0.05 * len(series)
        places = (np.array([first for first, _ in found]) - begun) / (len(series) - begun)
        z = (float(places.mean()) - 0.5) * math.sqrt(12 * len(places))
        late = int(np.count_nonzero(places > 0.5))
        if not z > self.z or late < 3 * (len(places) - late):
            return
        yield self.finding(
            f"{late} of {len(found)} spikes of {series.name} lie in the second half of the run",
            Evidence(
                label="mean place of the spikes (0 is the start of the run, 1 its end)",
                measured=float(places.mean()),
                expected=0.5,
                formula="places drawn at random",
                span=case.span(series, found[0][0], found[-1][1]),
                note=f"{z:.1f} standard errors",
            ),
            severity=Severity.INFO,
            confidence=0.75,
            why="hard batches come at a steady rate; a model that is thrown out ever more often is becoming unstable",
            do=("lower the learning rate by three", "clip tighter, and log the gradient norm before clipping"),
            check="continue from a checkpoint before the spikes became dense, with a third of the learning rate",
            rank=38,
        )

    def _tall(self, values: Floats, first: int, last: int) -> bool:
        """Whether an excursion rises a fifth above the level before it."""
        before = abs(float(np.median(values[max(0, first - self.beside) : first])))
        return float(values[first : last + 1].max()) > before * (1 + self.height)

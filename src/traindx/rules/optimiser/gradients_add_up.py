"""OPT017: the gradient norm is that of a sum over steps, not of one step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import GAMES, GRAD_NORM, TASKS, Case, has_task
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.rule import Rule, RuleMeta
from traindx.signals import local_noise


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class GradientsAddUp(Rule):
    """The gradient norm grows from the start and hardly differs from one point to the next: gradients are added up.

    ## What it looks at
    The level of the norm over the last third of the run against its first points, and its scatter from point to point.

    ## Why it matters
    Gradients of single batches scatter by a tenth, those of the largest batches by some per cent. Their sum over all steps so far does not: each step adds a small part
    to a large one. The optimiser then follows the past, and the loss swings or creeps.

    ## What to try
    - Call `optimizer.zero_grad()` once before (or after) every step.
    - With accumulation: after every update, not after every epoch.

    ## When it is wrong
    Norms that were smoothed before they were logged, of a model whose gradient grows by nature.
    """

    meta: ClassVar = RuleMeta(
        code="OPT017", name="gradients-add-up", since="0.1", summary="the gradient norm is that of a sum over steps"
    )
    needs: ClassVar = (GRAD_NORM,)
    may_use: ClassVar = (TASKS,)
    explained_by: ClassVar = ("DIV001", "NAN001", "NAN002", "NAN003", "LOG003")

    points: int = 20
    growth: float = 5.0
    """Norms fall in most trainings; those of large language models rise by this and more, but scatter."""

    scatter: float = 0.01
    """Of a sum over n steps, each changes the n-th part at most; batches of millions of tokens still scatter by two per cent."""

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak where the norm has grown and gone smooth."""
        norm = case[GRAD_NORM]
        series = norm.series.finite()
        if len(series) < self.points or has_task(case, GAMES):
            return
        if norm.role.statistic is not None or series.statistic != "value":
            return
        values = series.values
        late = values[-(len(values) // 3) :][:_ENOUGH]
        first, level = float(np.median(values[:3])), float(np.median(late))
        spread = local_noise(late) / level if level > 0 else float("nan")
        if not (first > 0 and level >= self.growth * first and 0 < spread <= self.scatter):
            return
        yield self.finding(
            f"{norm.name} grew {level / first:.3g} times, from {first:.3g} to {level:.3g}, and scatters by only {100 * spread:.1f} % from point to point",
            Evidence(
                label="scatter of neighbouring norms, as a share of their level",
                measured=spread,
                expected=0.02,
                formula="gradients of the largest batches scatter by two per cent, others by a tenth and more",
                span=case.span(series, len(series) - len(series) // 3, -1),
            ),
            severity=Severity.WARNING,
            confidence=0.85,
            why="each step adds its gradient to those of all steps before: the optimiser follows the past",
            do=(
                "call optimizer.zero_grad() once for every optimiser step",
                "with accumulation, clear the gradients after every update",
            ),
            check="print the norm right after zero_grad(): it must be 0",
            rank=44,
        )


_ENOUGH = 4_000  # points that tell a scatter as well as all of a longer log

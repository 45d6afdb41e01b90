"""GEN005: evaluations scatter more than they improve, so the best one is luck."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import MAIN_METRIC, TASKS, Case, Reading
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.rule import Rule, RuleMeta
from traindx.run import Floats

_UNBOUNDED = frozenset({"fid", "median_rank", "mean_rank", "rmse", "mae", "mse", "perplexity", "psnr", "score"})


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class LuckyBestEvaluation(Rule):
    """Evaluations scatter more than they improve: the best single one is luck.

    ## What it looks at
    The second half of the evaluations of the main held-out metric: their scatter, what they improved, and how far
    the best of them lies above the rest.

    ## Why it matters
    The best of k evaluations that differ by noise alone lies about s·sqrt(2 ln k) above their level (s: scatter). That much of
    the best value will not be there on other data, nor in another run.

    ## What to try
    - Choose by the mean of the last few evaluations; report it, with its scatter.
    - Evaluate on more samples, or average the weights of the last checkpoints.

    ## When it is wrong
    Where the model itself, not the evaluation, swings between two states.
    """

    meta: ClassVar = RuleMeta(
        code="GEN005",
        name="lucky-best-evaluation",
        since="0.1",
        summary="evaluations scatter more than they improve",
    )
    needs: ClassVar = (MAIN_METRIC,)
    may_use: ClassVar = (TASKS,)
    explained_by: ClassVar = ("BAS004", "DIV001", "DIV002", "GEN001")

    evaluations: int = 10
    noisier: float = 2.0
    visible: float = 0.01
    """One point of the scale: below it nobody would choose by the difference."""

    def check(self, case: Case) -> Iterator[Finding]:
        reading = case[MAIN_METRIC]
        if (case.get(TASKS) or frozenset()) & {"reinforcement", "gan"} or not reading.held_out:
            return
        values = reading.series.finite().values
        late = values[len(values) // 2 :]
        if len(values) < self.evaluations or len(values) > 5_000:
            return
        halves = np.array_split(late, 2)
        levels = [float(np.median(half)) for half in halves]
        scatter = float(np.std(np.concatenate([half - level for half, level in zip(halves, levels, strict=True)])))
        improved = abs(levels[1] - levels[0])
        scale = abs(float(np.median(late))) if reading.role.kind in _UNBOUNDED else reading.full
        level, best = _level_and_best(late, reading)
        if scatter > self.noisier * improved and scatter > self.visible * scale and abs(best - level) > scatter:
            yield self._describe(case, reading, late, (scatter, level, best))

    def _describe(self, case: Case, reading: Reading, late: Floats, found: tuple[float, float, float]) -> Finding:
        scatter, level, best = found
        expected = scatter * math.sqrt(2 * math.log(len(late)))
        return self.finding(
            f"the last {len(late)} evaluations of {reading.name} scatter by {scatter:.2g} about {level:.4g}: the best of them, {best:.4g}, is mostly luck",
            Evidence(
                label="best evaluation less their level",
                measured=abs(best - level),
                expected=expected,
                formula=f"s·sqrt(2 ln {len(late)}), the best of as many by luck",
                span=case.span(reading.series, len(reading.series) - len(late), -1),
            ),
            severity=Severity.INFO,
            confidence=0.8,
            why="that much of the best value will not be there on other data, nor in another run",
            do=(
                "choose by the mean of neighbouring evaluations, and report it with its scatter",
                "average the weights of the last checkpoints",
            ),
            check="evaluate the best checkpoint on a second held-out set",
            rank=13,
        )


def _level_and_best(late: Floats, reading: Reading) -> tuple[float, float]:
    best = np.min(late) if reading.role.direction == "lower" else np.max(late)
    return float(np.median(late)), float(best)

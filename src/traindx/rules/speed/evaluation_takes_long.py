"""SYS006: evaluation takes a large part of the run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import READINGS, TRAIN_LOSS, Case, Reading
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.rule import Rule, RuleMeta

# Times of one evaluation; accumulated times would be counted twice.
_OF_ONE = ("runtime", "eval_time", "eval_duration", "evaluation_time", "val_time", "validation_time")


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationTakesLong(Rule):
    """A third or more of the run's time goes into evaluation.

    ## What it looks at
    The logged times of all evaluations, summed, against the logged time of the whole training, or the clock.

    ## Why it matters
    Evaluation teaches the model nothing. A part of the held-out data, or fewer evaluations, tells the same within its
    noise.

    ## What to try
    - Evaluate on a fixed part of the data, half as often; generate answers only at the end.

    ## When it is wrong
    Small models on small data, where everything takes seconds.
    """

    meta: ClassVar = RuleMeta(
        code="SYS006", name="evaluation-takes-long", since="0.1", summary="evaluation takes a large part of the time"
    )
    needs: ClassVar = (READINGS,)
    may_use: ClassVar = (TRAIN_LOSS,)
    condition: ClassVar = None

    share: float = 1 / 3
    shortest_s: float = 600.0
    """Under ten minutes in all nobody minds."""

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak where the summed evaluations are a third of the whole."""
        evaluations = next((r for r in case[READINGS] if _is_evaluation(r)), None)
        whole = self._whole(case)
        if evaluations is None or not whole >= self.shortest_s:
            return
        spent = float(np.nansum(np.clip(evaluations.series.values, 0, 1e9)))
        share = spent / whole
        if not self.share < share <= 1.0:
            return
        yield self.finding(
            f"{100 * share:.0f} % of the run's time went into {len(evaluations.series)} evaluations",
            Evidence(
                label="share of the time spent in evaluation",
                measured=share,
                expected=0.1,
                formula="what most recipes spend",
                span=case.span(evaluations.series),
            ),
            severity=Severity.INFO,
            confidence=0.8,
            why="evaluation teaches the model nothing; a part of the data tells nearly the same",
            do=("evaluate half as often, or on a fixed tenth of the held-out data",),
            check="compare one evaluation on a fixed tenth of the data with the full one: do they rank checkpoints alike?",
            rank=6,
        )

    def _whole(self, case: Case) -> float:
        """Seconds of the whole training: as logged, else by the clock; 0 where neither tells."""
        told = [r for r in case[READINGS] if r.role.kind == "wall_time" and "train_runtime" in r.name.lower()]
        if told and len(told[0].series.finite()):
            return float(told[0].series.finite().values[-1])
        loss = case.get(TRAIN_LOSS)
        times = loss.series.wall_times[np.isfinite(loss.series.wall_times)] if loss is not None else np.zeros(0)
        return float(np.max(times) - np.min(times)) if len(times) > 1 else 0.0


def _is_evaluation(reading: Reading) -> bool:
    name = reading.name.lower().replace("/", "_")
    held_out = reading.role.split == "val" or name.startswith(("eval", "val"))
    one = any(name.endswith(word) for word in _OF_ONE) and "accum" not in name and "total" not in name
    return reading.role.kind == "wall_time" and held_out and one and len(reading.series) >= 2

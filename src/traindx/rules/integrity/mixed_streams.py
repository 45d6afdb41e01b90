"""LOG003: one series holds several interleaved streams."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import COMPONENTS, GAMES, LOSSES, TASKS, Case, Reading, has_task
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.integrity.taking_turns import taking_turns
from traindx.rules.rule import Rule, RuleMeta
from traindx.signals import Clusters, interleaved_clusters, repeating_period


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class MixedStreams(Rule):
    """The rows of one series alternate between separate levels: several streams under one name.

    ## What it looks at
    Gaps in the distribution of per-epoch (or per-row) values that are wider than the levels themselves, where
    neighbouring rows keep changing level; periods of a few rows; and every second row far above both its neighbours, from
    the first to the last, where the two streams fall along curves of their own.

    ## Why it matters
    The rows are not one curve. Trends, spikes and plateaus read from them are wrong, and a mean or a "typical" range
    uses whichever rows were picked.

    ## What to try
    - Log per data set, task and rank, with the number of samples behind each value.
    - If ranks reduce a dictionary of metrics by position, sort its keys first: ranks that met other metrics first add
      different quantities together.

    ## When it is wrong
    Alternating training schemes that log both phases under one name on purpose.
    """

    meta: ClassVar = RuleMeta(
        code="LOG003", name="mixed-streams", since="0.1", summary="one series holds several interleaved streams"
    )
    needs: ClassVar = (LOSSES,)
    may_use: ClassVar = (COMPONENTS, TASKS)
    condition: ClassVar = "mixed_streams"

    longest: int = 500
    """Beyond this many rows they are steps, not epochs, and batch noise has other causes."""

    def check(self, case: Case) -> Iterator[Finding]:
        if has_task(case, GAMES):
            return
        readings = list(dict.fromkeys((*case[LOSSES], *(case.get(COMPONENTS) or ()))))
        readings = [
            r for r in readings if 8 <= len(r.series) <= self.longest and bool(np.isfinite(r.series.values).all())
        ]
        for reading in readings:
            clusters = interleaved_clusters(reading.series.values) or taking_turns(reading.series.values)
            if clusters is not None:
                yield self._describe(
                    case,
                    reading,
                    clusters,
                    [r for r in readings if r is not reading and len(r.series) == len(reading.series)],
                )
                return

    def _describe(self, case: Case, reading: Reading, clusters: Clusters, others: list[Reading]) -> Finding:
        series = reading.series
        groups = _refined(clusters, others)
        evidence = [
            Evidence(
                label=f"stream {chr(65 + i)}: {reading.name} at steps {_steps(series.steps[rows])}",
                measured=float(np.median(series.values[rows])),
                span=case.span(series, int(rows[0]), int(rows[-1])),
                note="; ".join(f"{o.name} {_range(o.series.values[rows])}" for o in others[:2]),
            )
            for i, rows in enumerate(groups)
        ]
        period = repeating_period(series.values)
        cycle = f", repeating every {period.length} rows" if period is not None else ""
        return self.finding(
            f"{reading.name} is not one curve: its {len(series)} rows alternate between {len(groups)} streams{cycle}",
            *evidence,
            severity=Severity.WARNING,
            confidence=0.93 if clusters.ratio > 3 else 0.85,
            why="rows of different data sets, tasks or ranks share one name; trends and typical values read across them are wrong",
            do=(
                "log per data set and per rank, with median, mean and number of samples",
                "if metrics are reduced over ranks by position, sort their names before reducing",
                "until then neither extend the training nor change the learning rate",
            ),
            check="the per-step values of one rank: if they do not alternate, the reduction over ranks is at fault",
            undermines=True,
            rank=86,
        )


def _refined(clusters: Clusters, others: list[Reading]) -> list[np.ndarray]:
    """Row indices of each stream: the clusters of one series, split again where another series has two levels inside one."""
    groups: list[np.ndarray] = []
    for k in range(len(clusters.centres)):
        rows = np.flatnonzero(clusters.labels == k)
        groups += next((parts for other in others if (parts := _split(rows, other.series.values)) is not None), [rows])
    return sorted(groups, key=lambda rows: int(rows[0]))


def _split(rows: np.ndarray, values: np.ndarray) -> list[np.ndarray] | None:
    """Two groups of rows whose values lie ten times further apart than each is wide; None where they do not."""
    if len(rows) < 4:
        return None
    order = rows[np.argsort(values[rows])]
    gaps = np.diff(values[order])
    cut = int(np.argmax(gaps)) + 1
    low, high = order[:cut], order[cut:]
    wide = max(float(np.ptp(values[low])), float(np.ptp(values[high])))
    if min(len(low), len(high)) < 2 or not gaps[cut - 1] > 10 * wide:
        return None
    return [np.sort(low), np.sort(high)]


def _steps(steps: np.ndarray) -> str:
    shown = ", ".join(f"{s:g}" for s in steps[:6])
    return shown + (", ..." if len(steps) > 6 else "")


def _range(values: np.ndarray) -> str:
    return f"{values.min():.3g} to {values.max():.3g}"

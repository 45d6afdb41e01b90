"""LOG007: every value is the mean of all since the start."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np
from numpy.typing import NDArray

from traindx.context import TRAIN_LOSS, Case, Reading
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.rule import Rule, RuleMeta
from traindx.run import Floats, Series

_FIRST = 8_000  # points that show it as well as all of a longer log


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class RunningMeanNotNamed(Rule):
    """Each logged loss is the mean of all losses since the start of the run or of its epoch.

    ## What it looks at
    How the distance of neighbouring points shrinks: in a running mean the n-th value moves by one n-th of what the batch
    differs from it, and one move does not depend on the one before. Single batches go up and down instead.

    ## Why it matters
    The curve lags behind: a fall of the loss takes as long again to show, spikes are divided by n, and at the border of an
    epoch the value leaps. A validation loss below it is no sign of anything.

    ## What to try
    - Log the value of the batch, or the mean since the last line.

    ## When it is wrong
    Noise that dies away as the learning rate does, in proportion to one over the step.
    """

    meta: ClassVar = RuleMeta(
        code="LOG007",
        name="running-mean-not-named",
        since="0.1",
        summary="each value is the mean of all since the start",
    )
    needs: ClassVar = (TRAIN_LOSS,)

    points: int = 256
    octaves: int = 4
    slope: float = 0.35
    """The moves of a running mean shrink with the power -1 of n, times what the batches themselves shrink by, whose noise goes
    with their level; this is how far a fit through a few octaves is off."""

    alternating: float = -0.25
    """Moves of single batches have a correlation of -0.5 from one to the next, those of a running mean none, and their
    differences -0.5 again."""

    level_slope: float = 0.5

    positive: float = 0.98
    """Batches of a positive loss are positive; undoing a mean that was none throws them to both sides of zero."""

    def check(self, case: Case) -> Iterator[Finding]:
        loss = case[TRAIN_LOSS]
        series = loss.series.head(_FIRST).finite()
        if loss.role.statistic is not None or series.statistic != "value" or len(series) < self.points:
            return
        for place, since in ((_position(series.epochs), "the start of its epoch"), (_row(series), "the start")):
            undone = self._undone(series.values, place) if place is not None else None
            if undone is not None:
                yield self._describe(case, loss, series, undone, since)
                return

    def _undone(self, values: Floats, place: NDArray[np.intp]) -> Floats | None:
        """The values that the running mean was taken of, or None where the series is none."""
        moves = np.diff(values)
        inner = place[1:] > 1
        n = place[1:].astype(np.float64)
        settled = inner & (n >= 8)
        if np.count_nonzero(settled) < self.points // 2:
            return None
        octave = np.floor(np.log2(n[settled])).astype(np.intp)
        second = np.abs(np.diff(moves, prepend=moves[:1]))[settled]
        counts = np.bincount(octave)
        full = np.flatnonzero(counts >= 8)
        if len(full) < self.octaves - 1:
            return None
        undone = values.copy()
        undone[1:][inner] = values[:-1][inner] + (n * moves)[inner]
        if float(np.min(values)) > 0 and float(np.mean(undone[1:][settled] > 0)) < self.positive:
            return None
        sizes = [np.bincount(octave, weights=y)[full] / counts[full] for y in (second, np.abs(values[1:][settled]))]
        sizes.append(np.bincount(octave, weights=np.abs(undone[1:][settled]))[full] / counts[full])
        if not all(bool((size > 0).all()) for size in sizes):
            return None
        noise, printed, batches = (float(np.polyfit(full * np.log(2.0), np.log(size), 1)[0]) for size in sizes)
        shrinks = abs(noise - batches + 1) < self.slope and noise < printed - self.level_slope
        scaled = (n * moves)[settled]
        by_luck = _correlation(np.diff(scaled)) < self.alternating  # a curve without noise goes on as it went
        return undone if shrinks and by_luck and _correlation(scaled) > self.alternating else None

    def _describe(self, case: Case, loss: Reading, series: Series, undone: Floats, since: str) -> Finding:
        width = max(5, len(undone) // 20)
        now, shown = float(np.median(undone[-width:])), float(np.median(series.values[-width:]))
        return self.finding(
            f"{loss.name} is the mean of all batches since {since}: it shows {shown:.4g} where the batches cost about {now:.4g}",
            Evidence(
                label=f"{loss.name} as printed",
                measured=shown,
                expected=now,
                formula="n times this mean less (n - 1) times the one before",
                span=case.span(series, max(0, len(series) - width), -1),
            ),
            severity=Severity.INFO,
            confidence=0.85,
            why="a running mean lags behind, hides spikes and leaps where it begins anew: it is no loss of this step",
            do=("log the loss of the batch, or the mean since the last line",),
            check="print the loss of single batches beside it for a hundred steps",
            rank=14,
        )


def _position(epochs: Floats) -> NDArray[np.intp] | None:
    """Row of each point within its epoch, from 1; None where fewer than two epochs of 16 rows are counted."""
    if not len(epochs) or not bool(np.isfinite(epochs).all()):
        return None
    starts = np.flatnonzero(np.concatenate(([True], np.diff(np.floor(epochs)) != 0)))
    if len(starts) < 2 or len(epochs) < 16 * len(starts):
        return None
    return np.arange(len(epochs)) - np.repeat(starts, np.diff(np.append(starts, len(epochs)))) + 1


def _row(series: Series) -> NDArray[np.intp]:
    return np.arange(1, len(series) + 1)


def _correlation(moves: Floats) -> float:
    """First-order correlation of moves about their local level."""
    centred = moves - np.median(moves)
    spread = float(np.quantile(np.abs(centred), 0.99))
    centred = np.clip(centred, -spread, spread)
    power = float(centred @ centred)
    return float(centred[1:] @ centred[:-1]) / power if power > 0 else -1.0

"""OPT008: training began at the full learning rate, and the loss went up at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import LEARNING_RATES, TASKS, TRAIN_LOSS, Case, Reading
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.optimiser.rates import Course, course
from traindx.rules.rule import Rule, RuleMeta
from traindx.signals import block_medians, local_noise


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class MissingWarmUp(Rule):
    """The first logged learning rate is the highest one, and the loss rose right after the start.

    ## What it looks at
    The first learning rate against the peak, and the highest level of the loss over the first tenth of the run against its
    first value.

    ## Why it matters
    In the first steps Adam's averages rest on a handful of gradients, and large logits make them point too far. A full
    step there throws transformers off; some never come back to where they started.

    ## What to try
    - Raise the learning rate from near zero over one to five per cent of the steps.

    ## When it is wrong
    A first hump of the loss can also come from hard first batches; runs that were resumed begin at their full rate.
    """

    meta: ClassVar = RuleMeta(
        code="OPT008",
        name="missing-warm-up",
        since="0.1",
        summary="full learning rate from the first step, and the loss rose at once",
    )
    needs: ClassVar = (LEARNING_RATES, TRAIN_LOSS)
    may_use: ClassVar = (TASKS,)
    condition: ClassVar = None
    explained_by: ClassVar = ("LOG003", "LOG005")

    points: int = 20
    full: float = 0.9
    """A first logged rate under nine tenths of the peak belongs to a warm-up."""

    early: float = 0.1
    hump: float = 1.25
    """The loss must rise by a quarter of its start, and by six times its noise: less is a hard batch."""

    widest_scatter: float = 1.0
    """Where neighbouring values differ by a factor of e (batches of one or two examples), the first one alone is no level."""

    rows: int = 2_000
    """So many rows show how single values scatter."""

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak where a hump follows a start at the full rate."""
        if (case.get(TASKS) or frozenset()) & {"reinforcement", "gan", "diffusion"}:
            return
        rate, loss = course(case[LEARNING_RATES], points=2), case[TRAIN_LOSS]
        if rate is None or loss.curve is None or loss.curve.count < self.points:
            return
        if not float(rate.values[0]) >= self.full * rate.peak:
            return
        start, top = float(loss.series.finite().values[0]), self._early_top(loss)
        if not (start > 0 and top > self.hump * start and top > start + 6 * loss.curve.noise):
            return
        if not self._scatter(loss) <= self.widest_scatter:
            return
        yield self._describe(case, rate, loss, (start, top))

    def _early_top(self, loss: Reading) -> float:
        """The highest median of three neighbouring values over the first tenth: one bad batch is no hump."""
        values = loss.series.finite().values
        first, _ = block_medians(values[: max(6, round(self.early * len(values)))], most=200)
        return float(np.median(np.lib.stride_tricks.sliding_window_view(first, 3), axis=1).max())

    def _scatter(self, loss: Reading) -> float:
        """By how much single values scatter about their local level, as a standard deviation of logarithms; 0 where too few are positive."""
        values = loss.series.finite().values[: self.rows]
        found = local_noise(np.log(values[values > 0]))
        return found if found == found else 0.0

    def _describe(self, case: Case, rate: Course, loss: Reading, levels: tuple[float, float]) -> Finding:
        curve, (start, top) = loss.curve, levels
        assert curve is not None
        lost = curve.end.value > 0.98 * start
        return self.finding(
            f"{loss.name} rose from {start:.4g} to {top:.4g} within the first tenth, at the full learning rate {rate.peak:.3g} from the start"
            + (f", and ends at {curve.end.value:.4g}" if lost else ""),
            Evidence(
                label="highest level of the loss in the first tenth",
                measured=top,
                expected=start,
                formula="its first value",
                span=case.span(loss.series),
            ),
            Evidence(
                label="first learning rate as a share of the peak",
                measured=float(rate.values[0]) / rate.peak,
                expected=0.0,
                formula="a warm-up begins near 0",
                span=case.span(rate.series),
            ),
            severity=Severity.WARNING if lost else Severity.INFO,
            confidence=0.7,
            why="the first steps of an adaptive optimiser rest on a handful of gradients and go too far",
            do=("warm up over one to five per cent of the steps", "or halve the peak learning rate"),
            check="200 steps with a warm-up of 100: the hump must be gone",
            rank=44,
        )

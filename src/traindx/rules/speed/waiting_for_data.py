"""SYS002: steps wait for their data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.context import READINGS, Case
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.rule import Rule, RuleMeta
from traindx.run import Series


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingForData(Rule):
    """A material part of every step is spent waiting for the next batch.

    ## What it looks at
    The logged time for data over the logged time of the step, summed over the run without its first tenth.

    ## Why it matters
    While a step waits, the accelerator stands idle. The question is decided by this quotient, not by the utilisation that
    a monitor shows.

    ## What to try
    - More loader workers, prefetching, pinned memory; decode and augment once and store the result; fewer, larger files.

    ## When it is wrong
    Programs that log only the transfer to the device under this name.
    """

    meta: ClassVar = RuleMeta(code="SYS002", name="waiting-for-data", since="0.1", summary="steps wait for their data")
    needs: ClassVar = (READINGS,)
    condition: ClassVar = None

    share: float = 0.2
    """Below a fifth there is little to gain."""

    material: float = 2 / 3
    """Without the wait the run would be three times as fast; about a half, clocks that do not wait for the device mislead."""

    points: int = 10

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak where the summed waiting is a fifth of the summed time."""
        found = self._pair(case)
        if found is None:
            return
        waiting, whole = found
        late = len(waiting) // 10 + 1
        waited, took = float(waiting.values[late:].sum()), float(whole.values[late:].sum())
        if not took > 0 or not waited >= 0:
            return
        share = waited / (took if waited <= took else took + waited)
        if not share > self.share:
            return
        heavy = share > self.material
        yield self.finding(
            f"{100 * share:.0f} % of the time of a step is spent waiting for data ({waiting.name} against {whole.name})",
            Evidence(
                label="share of the step time spent waiting for data",
                measured=share,
                expected=self.share,
                formula="below it there is little to gain",
                span=case.span(waiting),
            ),
            severity=Severity.WARNING if heavy else Severity.INFO,
            confidence=0.85,
            why=f"the accelerator stands idle meanwhile; without the wait the run would be {1 / (1 - min(share, 0.99)):.2g} times as fast",
            do=(
                "raise the number of loader workers until the wait no longer falls; prefetch and pin memory",
                "decode and augment once, store the result in few large files on a local disk",
            ),
            check="for i, batch in enumerate(loader): pass  # time 100 batches without the model: that is the loader's pace",
            rank=13,
        )

    def _pair(self, case: Case) -> tuple[Series, Series] | None:
        """A time for data and a time of the step that were logged at the same points."""
        readings = [r for r in case[READINGS] if not r.held_out and len(r.series) >= self.points]
        for data in (r for r in readings if r.role.kind == "data_time"):
            for step in (r for r in readings if r.role.kind == "step_time" and len(r.series) == len(data.series)):
                if bool((step.series.steps == data.series.steps).all()):
                    return data.series, step.series
        return None

"""SYS004: memory in use grows steadily."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import READINGS, Case, Reading
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.rule import Rule, RuleMeta
from traindx.run import Floats
from traindx.signals import block_medians

# Highest marks only ever rise, and what is free is the opposite of what is used.
_NOT_IN_USE = ("max", "peak", "free", "total", "bytes_raw", "model", "available", "limit")


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryGrows(Rule):
    """The memory in use grows steadily and does not level off.

    ## What it looks at
    Logged memory (not its highest mark) in thirty stretches after the first tenth: whether it rises in nearly all of
    them, about as much at the end as at the start, and without a leap that would explain it.

    ## Why it matters
    A leak ends in a crash, usually at night. What leaks on the device is tensors that are kept with their graphs; on the
    host it is lists, caches and worker processes.

    ## What to try
    - Keep `loss.item()` or `loss.detach()`; bound caches; restart workers every epoch and see whether it falls.

    ## When it is wrong
    Caches that are meant to fill, data sets that are read into memory bit by bit.
    """

    meta: ClassVar = RuleMeta(code="SYS004", name="memory-grows", since="0.1", summary="memory in use grows steadily")
    needs: ClassVar = (READINGS,)
    condition: ClassVar = None

    points: int = 20
    growth: float = 1.2
    doubled: float = 2.0
    """Memory that has doubled and still grows will end the run, if the run goes on."""

    rising: float = 0.8
    even: float = 0.5
    leap: float = 0.3

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak of the series that grew most."""
        grown = [(self._growth(r), r) for r in case[READINGS] if self._in_use(r)]
        factor, reading = max(grown, key=lambda found: found[0], default=(0.0, None))
        if reading is None or not factor >= self.growth:
            return
        yield self.finding(
            f"{reading.name} has grown {factor:.2g} times since the first tenth of the run and is still growing",
            Evidence(
                label=f"{reading.name}, end over start",
                measured=factor,
                expected=1.0,
                formula="memory levels off within the first steps",
                span=case.span(reading.series),
            ),
            severity=Severity.WARNING if factor >= self.doubled else Severity.INFO,
            confidence=0.75,
            why="what is kept at every step fills the memory sooner or later",
            do=(
                "keep numbers, not tensors: loss.item(); bound every cache and list",
                "set the loader's workers to 0 for 200 steps: if the growth stops, it is in the loader",
            ),
            check="import gc; print(sum(o.numel() for o in gc.get_objects() if torch.is_tensor(o)))  # every 100 steps: it must stay",
            rank=12,
        )

    def _in_use(self, reading: Reading) -> bool:
        name = reading.name.lower()
        return reading.role.kind == "memory" and not any(word in name for word in _NOT_IN_USE)

    def _growth(self, reading: Reading) -> float:
        """End over start where the growth is steady, else 0."""
        values = reading.series.finite().values
        if len(values) < self.points or not float(values.min()) > 0:
            return 0.0
        spread = values[len(values) // 10 :: max(1, len(values) // 20_000)]
        levels, _ = block_medians(spread, most=30)
        return float(levels[-1] / levels[0]) if self._steady(levels) else 0.0

    def _steady(self, levels: Floats) -> bool:
        steps = np.diff(levels)
        gained, third = float(levels[-1] - levels[0]), max(1, len(steps) // 3)
        return (
            gained > 0
            and float(np.mean(steps > 0)) >= self.rising
            and float(steps.max()) <= self.leap * gained
            and float(steps[-third:].sum()) >= self.even * float(steps[:third].sum())
        )

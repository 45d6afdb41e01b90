"""SYS005: the accelerator stands idle most of the time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import READINGS, Case
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.rule import Rule, RuleMeta

# "system/gpu.0.gpu", "gpu_util", "GPU utilization (%)": not its memory, temperature or power.
_UTILISATION = re.compile(r"gpu[\W_]*\d*[\W_]*(?:gpu\Z|util)|utili[sz]ation[\W_]*gpu", re.IGNORECASE)
_OTHER = re.compile(r"mem|temp|power|watt|fan", re.IGNORECASE)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class AcceleratorIdle(Rule):
    """The logged utilisation of the accelerator is low.

    ## What it looks at
    The median of the logged utilisation after the first tenth of the log, in per cent.

    ## Why it matters
    Utilisation is the share of time in which anything runs at all: half of it means that half of the rented time is
    unused. The reasons are the loader, the host's own work between kernels, small batches, and waiting for other devices.

    ## What to try
    - Log the time for data beside the time of the step: their quotient tells the loader from the rest.
    - Larger batches, a compiled model, fewer synchronising calls (`.item()`, printing) per step.

    ## When it is wrong
    Samples that fall between steps, devices that are not part of this run.
    """

    meta: ClassVar = RuleMeta(
        code="SYS005", name="accelerator-idle", since="0.1", summary="the accelerator stands idle most of the time"
    )
    needs: ClassVar = (READINGS,)
    condition: ClassVar = None

    percent: float = 50.0
    points: int = 10

    def check(self, case: Case) -> Iterator[Finding]:
        """Speak where the busiest of the logged devices is idle half of the time."""
        busy = [(self._typical(r.series.values), r) for r in case[READINGS] if _is_utilisation(r.name, r.role.kind)]
        typical, reading = max(((t, r) for t, r in busy if t == t), key=lambda found: found[0], default=(np.nan, None))
        if reading is None or not typical < self.percent:
            return
        yield self.finding(
            f"{reading.name} is typically {typical:.0f} %",
            Evidence(
                label="typical utilisation",
                measured=typical,
                expected=90.0,
                unit="percent",
                formula="what a run that keeps its device busy shows",
                span=case.span(reading.series),
            ),
            severity=Severity.INFO,
            confidence=0.7,
            why=f"the device stands idle {100 - typical:.0f} % of the time",
            do=("log the time for data beside the time of the step", "raise the batch size, or compile the model"),
            check="with torch.profiler.profile() as p: [step() for _ in range(10)]; print(p.key_averages().table(row_limit=10))",
            rank=7,
        )

    def _typical(self, values: np.ndarray) -> float:
        """The median in per cent, NaN where there are too few values or they are no percentages."""
        spread = values[len(values) // 10 :: max(1, len(values) // 20_000)]
        known = spread[np.isfinite(spread)]
        if len(known) < self.points or float(known.min()) < 0 or float(known.max()) > 100:
            return float("nan")
        return float(np.median(known)) * (100.0 if float(known.max()) <= 1.0 else 1.0)


def _is_utilisation(name: str, kind: str) -> bool:
    return kind == "hardware" and bool(_UTILISATION.search(name)) and not _OTHER.search(name)

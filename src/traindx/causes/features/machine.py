"""What the machine says: waiting, memory, pace."""

from __future__ import annotations

import math

import numpy as np

from traindx.causes.feature import NO, Feature, grade
from traindx.causes.sight import Sight, Trace
from traindx.signals import trend


def _wait(sight: Sight) -> str | None:
    waited, whole = sight.first("data_time"), sight.first("step_time")
    if waited is None or whole is None:
        return None
    share = float(np.median(waited.brief)) / max(float(np.median(whole.brief)), 1e-12)
    return grade(share, (0.2, NO), (0.5, "some"), above="most")


def _relative(trace: Trace | None) -> float:
    """The trend of a whole series over its level, 0 where it is within its error; NaN where it cannot be told."""
    if trace is None or len(trace.brief) < 8:
        return math.nan
    way, level = trend(trace.brief), abs(float(np.median(trace.brief)))
    return way.change / max(level, 1e-12) if abs(way.z) > 5 else 0.0


def _memory(sight: Sight) -> str | None:
    return grade(_relative(sight.first("memory")), (0.05, "steady"), (0.2, "creeps"), above="grows")


def _pace(sight: Sight) -> str | None:
    faster = _relative(sight.first("throughput"))
    slower = -_relative(sight.first("step_time")) if math.isnan(faster) else faster
    return grade(slower, (-0.2, "slows"), (0.2, "steady"), above="quickens")


FEATURES: tuple[Feature, ...] = (
    Feature("waiting", {NO: "", "some": "much of each step is waiting for data", "most": "most of each step is waiting for data"}, _wait),
    Feature("memory", {"steady": "", "creeps": "memory creeps up", "grows": "memory grows all the time"}, _memory),
    Feature("pace", {"slows": "steps become slower", "steady": "", "quickens": ""}, _pace),
)  # fmt: skip

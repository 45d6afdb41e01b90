"""Everything that is looked at in a run when asking for causes."""

from __future__ import annotations

from traindx.causes.feature import Feature
from traindx.causes.features import (
    breaking,
    held_out,
    kinds,
    machine,
    metrics,
    order,
    progress,
    rate,
    start,
    steps,
    told,
)

FEATURES: tuple[Feature, ...] = (
    *start.FEATURES,
    *progress.FEATURES,
    *breaking.FEATURES,
    *held_out.FEATURES,
    *metrics.FEATURES,
    *steps.FEATURES,
    *rate.FEATURES,
    *order.FEATURES,
    *machine.FEATURES,
    *kinds.FEATURES,
    *told.FEATURES,
)

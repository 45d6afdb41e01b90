"""Shapes in numbers: pure functions of arrays, which know nothing of runs."""

from traindx.signals.best import Best, best_of
from traindx.signals.blocks import block_medians
from traindx.signals.change import Change, change
from traindx.signals.cluster import Clusters, interleaved_clusters
from traindx.signals.curve import Curve, summarise
from traindx.signals.interval import (
    Interval,
    bootstrap_difference,
    mcnemar,
    mean_difference,
    proportion_difference,
    student_quantile,
    wilson,
)
from traindx.signals.level import Level, level
from traindx.signals.noise import effective_size, lag_one, level_noise, local_noise, robust_sd, scale_noise
from traindx.signals.parting import parting
from traindx.signals.period import Period, repeating_period
from traindx.signals.runs import Restart, restarts, true_stretches
from traindx.signals.smooth import Smooth, smooth
from traindx.signals.spike import Spike, spikes
from traindx.signals.trend import Trend, trend

__all__ = [
    "Best",
    "Change",
    "Clusters",
    "Curve",
    "Interval",
    "Level",
    "Period",
    "Restart",
    "Smooth",
    "Spike",
    "Trend",
    "best_of",
    "block_medians",
    "bootstrap_difference",
    "change",
    "effective_size",
    "interleaved_clusters",
    "lag_one",
    "level",
    "level_noise",
    "local_noise",
    "mcnemar",
    "mean_difference",
    "parting",
    "proportion_difference",
    "repeating_period",
    "restarts",
    "robust_sd",
    "scale_noise",
    "smooth",
    "spikes",
    "student_quantile",
    "summarise",
    "trend",
    "true_stretches",
    "wilson",
]

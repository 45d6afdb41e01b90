"""Shapes in numbers: pure functions of arrays, which know nothing of runs."""

from traindx.signals.blocks import block_medians
from traindx.signals.change import Change, change
from traindx.signals.cluster import Clusters, interleaved_clusters
from traindx.signals.curve import Curve, summarise
from traindx.signals.follow import Follow, follow
from traindx.signals.level import Level, level
from traindx.signals.noise import effective_size, lag_one, level_noise, local_noise, robust_sd, scale_noise
from traindx.signals.period import Period, repeating_period
from traindx.signals.runs import Restart, restarts, true_stretches
from traindx.signals.spike import Spike, spikes
from traindx.signals.trend import Trend, trend

__all__ = [
    "Change",
    "Clusters",
    "Curve",
    "Follow",
    "Level",
    "Period",
    "Restart",
    "Spike",
    "Trend",
    "block_medians",
    "change",
    "effective_size",
    "follow",
    "interleaved_clusters",
    "lag_one",
    "level",
    "level_noise",
    "local_noise",
    "repeating_period",
    "restarts",
    "robust_sd",
    "scale_noise",
    "spikes",
    "summarise",
    "trend",
    "true_stretches",
]

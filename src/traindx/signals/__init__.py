"""Shapes in numbers: pure functions of arrays, which know nothing of runs."""

from traindx.signals.best import Best, best_of
from traindx.signals.blocks import block_medians
from traindx.signals.change import Change, change
from traindx.signals.cluster import Clusters, interleaved_clusters
from traindx.signals.curve import Curve, summarise
from traindx.signals.cycle import Cycle, cycle, without_trend
from traindx.signals.drift import Drift, drift
from traindx.signals.exponential import exponential
from traindx.signals.fold import Fold, fold
from traindx.signals.follow import Follow, follow
from traindx.signals.hump import Hump, hump
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
from traindx.signals.place import Place, same_place
from traindx.signals.plateau import Plateau, gain, plateau
from traindx.signals.running_mean import RunningMean, running_mean, undo_running_mean
from traindx.signals.runs import Restart, restarts, true_stretches
from traindx.signals.separate import separate_blocks
from traindx.signals.shift import Shift, level_shift
from traindx.signals.smooth import Smooth, smooth
from traindx.signals.spike import Spike, excursions, spikes
from traindx.signals.swings import Swings, swings
from traindx.signals.tail import Tail, tail
from traindx.signals.teeth import Teeth, sawtooth, staircase, teeth
from traindx.signals.trend import Trend, trend

__all__ = [
    "Best",
    "Change",
    "Clusters",
    "Curve",
    "Cycle",
    "Drift",
    "Fold",
    "Follow",
    "Hump",
    "Interval",
    "Level",
    "Period",
    "Place",
    "Plateau",
    "Restart",
    "RunningMean",
    "Shift",
    "Smooth",
    "Spike",
    "Swings",
    "Tail",
    "Teeth",
    "Trend",
    "best_of",
    "block_medians",
    "bootstrap_difference",
    "change",
    "cycle",
    "drift",
    "effective_size",
    "excursions",
    "exponential",
    "fold",
    "follow",
    "gain",
    "hump",
    "interleaved_clusters",
    "lag_one",
    "level",
    "level_noise",
    "level_shift",
    "local_noise",
    "mcnemar",
    "mean_difference",
    "parting",
    "plateau",
    "proportion_difference",
    "repeating_period",
    "restarts",
    "robust_sd",
    "running_mean",
    "same_place",
    "sawtooth",
    "scale_noise",
    "separate_blocks",
    "smooth",
    "spikes",
    "staircase",
    "student_quantile",
    "summarise",
    "swings",
    "tail",
    "teeth",
    "trend",
    "true_stretches",
    "undo_running_mean",
    "wilson",
    "without_trend",
]

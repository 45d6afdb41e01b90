"""A run that is still going on: recorded at next to no cost, judged by the same rules, and acted upon."""

from traindx.live.changes import Change, changes_between
from traindx.live.following import Following, Look
from traindx.live.guards import FINITE, Guards, GuardSettings, Trip
from traindx.live.judge import Judge, Judgement
from traindx.live.judging import Judging
from traindx.live.monitor import Monitor
from traindx.live.objectives import Objective
from traindx.live.pace import Pace
from traindx.live.signs import Signs, signs_of
from traindx.live.stop_policy import PRESETS, StopPolicy
from traindx.live.stopping import StopDecision

__all__ = [
    "FINITE",
    "PRESETS",
    "Change",
    "Following",
    "GuardSettings",
    "Guards",
    "Judge",
    "Judgement",
    "Judging",
    "Look",
    "Monitor",
    "Objective",
    "Pace",
    "Signs",
    "StopDecision",
    "StopPolicy",
    "Trip",
    "changes_between",
    "signs_of",
]

"""A run that is still going on: recorded at next to no cost, judged by the same rules, and acted upon."""

from traindx.live.changes import Change, changes_between
from traindx.live.following import Following, Look
from traindx.live.judge import Judge, Judgement
from traindx.live.monitor import Monitor
from traindx.live.objectives import Objective
from traindx.live.observing import News, Observation, Observer
from traindx.live.stopping import StopDecision, StopPolicy

__all__ = [
    "Change",
    "Following",
    "Judge",
    "Judgement",
    "Look",
    "Monitor",
    "News",
    "Objective",
    "Observation",
    "Observer",
    "StopDecision",
    "StopPolicy",
    "changes_between",
]

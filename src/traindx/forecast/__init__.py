"""Learning curves extrapolated, with intervals: pure functions of arrays."""

from traindx.forecast.advice import Arrival, Decision, arrival, decide, worthwhile
from traindx.forecast.extrapolate import COVERAGE, FEWEST, Forecast, Refusal, extrapolate
from traindx.forecast.identify import Identified, identify, infer_end
from traindx.forecast.pace import Pace, pace_of, pace_of_steps
from traindx.forecast.schedule import FAMILIES, Family, Schedule, family_of, made

__all__ = [
    "COVERAGE",
    "FAMILIES",
    "FEWEST",
    "Arrival",
    "Decision",
    "Family",
    "Forecast",
    "Identified",
    "Pace",
    "Refusal",
    "Schedule",
    "arrival",
    "decide",
    "extrapolate",
    "family_of",
    "identify",
    "infer_end",
    "made",
    "pace_of",
    "pace_of_steps",
    "worthwhile",
]

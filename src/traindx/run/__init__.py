"""What one training produced: named series, and the settings that were found beside them."""

from traindx.run.merge import join_runs
from traindx.run.run import Checkpoint, Run, Setting, SettingValue, Skip, Source
from traindx.run.series import Floats, Series, Span, Unit, floats

__all__ = [
    "Checkpoint",
    "Floats",
    "Run",
    "Series",
    "Setting",
    "SettingValue",
    "Skip",
    "Source",
    "Span",
    "Unit",
    "floats",
    "join_runs",
]

"""What one training produced: named series, and the settings that were found beside them."""

from traindx.run.merge import join_runs
from traindx.run.run import Checkpoint, Run, Setting, Skip, Source
from traindx.run.series import Floats, Series, Span, floats

__all__ = [
    "Checkpoint",
    "Floats",
    "Run",
    "Series",
    "Setting",
    "Skip",
    "Source",
    "Span",
    "floats",
    "join_runs",
]

"""What a dataset holds before anything trains on it: statistics in a stream, findings, leaks, baselines, normalisers."""

from traindx.dataset.profile import profile
from traindx.dataset.summary import (
    ArraySummary,
    ColumnSummary,
    ImageSummary,
    Profile,
    Scatter,
    TextSummary,
    TokenSummary,
)

__all__ = [
    "ArraySummary",
    "ColumnSummary",
    "ImageSummary",
    "Profile",
    "Scatter",
    "TextSummary",
    "TokenSummary",
    "profile",
]

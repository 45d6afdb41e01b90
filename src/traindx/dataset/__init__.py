"""What a dataset holds before anything trains on it: statistics in a stream, findings, leaks, baselines, normalisers."""

from traindx.dataset.normalizer import Fitting, Normalized, Normalizer, mean_skill, skill_by_group, typical_skill
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
    "Fitting",
    "ImageSummary",
    "Normalized",
    "Normalizer",
    "Profile",
    "Scatter",
    "TextSummary",
    "TokenSummary",
    "mean_skill",
    "profile",
    "skill_by_group",
    "typical_skill",
]

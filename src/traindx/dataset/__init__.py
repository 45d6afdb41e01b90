"""What a dataset holds before anything trains on it: statistics in a stream, findings, leaks, baselines, normalisers."""

from traindx.dataset.answer import Audit
from traindx.dataset.audit import audit
from traindx.dataset.baselines_file import baselines_document, read_baselines
from traindx.dataset.checks import DATA_CHECKS
from traindx.dataset.levels import LOSS_NAMES, DataBaselines, DataFact, Level
from traindx.dataset.normalizer import Fitting, Normalized, Normalizer, mean_skill, skill_by_group, typical_skill
from traindx.dataset.overlap import compare_splits, duplicate_groups
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
    "DATA_CHECKS",
    "LOSS_NAMES",
    "ArraySummary",
    "Audit",
    "ColumnSummary",
    "DataBaselines",
    "DataFact",
    "Fitting",
    "ImageSummary",
    "Level",
    "Normalized",
    "Normalizer",
    "Profile",
    "Scatter",
    "TextSummary",
    "TokenSummary",
    "audit",
    "baselines_document",
    "compare_splits",
    "duplicate_groups",
    "mean_skill",
    "profile",
    "read_baselines",
    "skill_by_group",
    "typical_skill",
]

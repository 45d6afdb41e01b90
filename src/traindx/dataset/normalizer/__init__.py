"""Data on a common scale, and back: fitted in a stream, per group and under a mask, saved with what it was fitted on."""

from traindx.dataset.normalizer.fitting import Fitting
from traindx.dataset.normalizer.normalizer import Normalizer
from traindx.dataset.normalizer.skill import GroupSkill, mean_skill, skill_by_group, typical_skill
from traindx.dataset.normalizer.suspicion import Problem
from traindx.dataset.normalizer.wrapping import Normalized

__all__ = [
    "Fitting",
    "GroupSkill",
    "Normalized",
    "Normalizer",
    "Problem",
    "mean_skill",
    "skill_by_group",
    "typical_skill",
]

"""Rows that are the same, or nearly so, within a set of rows and between two: duplicates and leaks."""

from traindx.dataset.overlap.checks import OVERLAP_CHECKS, REPEAT_CHECKS, overlap_findings
from traindx.dataset.overlap.compare import compare_splits
from traindx.dataset.overlap.groups import duplicate_groups
from traindx.dataset.overlap.matching import BUDGET_BYTES, Groups
from traindx.dataset.overlap.overlap import Equality, EqualRows, Nearness, Overlap, SharedGroups, TargetLeak
from traindx.dataset.overlap.repeats import repeats_within

__all__ = [
    "BUDGET_BYTES",
    "OVERLAP_CHECKS",
    "REPEAT_CHECKS",
    "EqualRows",
    "Equality",
    "Groups",
    "Nearness",
    "Overlap",
    "SharedGroups",
    "TargetLeak",
    "compare_splits",
    "duplicate_groups",
    "overlap_findings",
    "repeats_within",
]

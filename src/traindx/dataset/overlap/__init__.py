"""Rows that are the same, or nearly so, within a set of rows and between two: duplicates and leaks."""

from traindx.dataset.overlap.groups import duplicate_groups
from traindx.dataset.overlap.matching import BUDGET_BYTES, Groups

__all__ = ["BUDGET_BYTES", "Groups", "duplicate_groups"]

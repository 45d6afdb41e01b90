"""The checks of two splits, in the order of their codes."""

from __future__ import annotations

from typing import Final

from traindx.dataset.overlap.checks.conflicting_labels import ConflictingLabels
from traindx.dataset.overlap.checks.duplicate_positives import DuplicatePositives
from traindx.dataset.overlap.checks.duplicate_rows import DuplicateRows
from traindx.dataset.overlap.checks.label_prior_drift import LabelPriorDrift
from traindx.dataset.overlap.checks.near_leak import NearLeak
from traindx.dataset.overlap.checks.rows_in_both_splits import RowsInBothSplits
from traindx.dataset.overlap.checks.split_drift import SplitDrift
from traindx.dataset.overlap.checks.split_groups import SplitGroups
from traindx.dataset.overlap.checks.target_leak import LabelInFeature
from traindx.dataset.overlap.overlap import Overlap
from traindx.diagnosis import Check, Finding

OVERLAP_CHECKS: Final[tuple[type[Check[Overlap]], ...]] = (
    RowsInBothSplits,
    NearLeak,
    SplitGroups,
    LabelInFeature,
    DuplicateRows,
    DuplicatePositives,
    SplitDrift,
    LabelPriorDrift,
    ConflictingLabels,
)

REPEAT_CHECKS: Final[tuple[type[Check[Overlap]], ...]] = (DuplicateRows, DuplicatePositives, ConflictingLabels)
"""Those that one dataset answers by itself; the others need a second split."""


def overlap_findings(overlap: Overlap) -> list[Finding]:
    """Return what every check has to say of two splits, in the order of their codes."""
    return [finding for check in OVERLAP_CHECKS for finding in check().check(overlap)]

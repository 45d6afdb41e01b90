"""The checks of a dataset: one file each, listed here."""

from __future__ import annotations

from typing import Any, Final

from traindx.dataset.checks.box_format import BoxFormat
from traindx.dataset.checks.broken_boxes import BrokenBoxes
from traindx.dataset.checks.broken_references import BrokenReferences
from traindx.dataset.checks.class_imbalance import ClassImbalance
from traindx.dataset.checks.constant_features import ConstantFeatures
from traindx.dataset.checks.data_check import NEEDS, DataCheck, is_there
from traindx.dataset.checks.empty_annotations import EmptyAnnotations
from traindx.dataset.checks.heavy_tails import HeavyTails
from traindx.dataset.checks.ignored_labels import IgnoredLabels
from traindx.dataset.checks.label_ids import LabelIds
from traindx.dataset.checks.mostly_padding import MostlyPadding
from traindx.dataset.checks.not_finite import NotFinite
from traindx.dataset.checks.pairs_do_not_match import PairsDoNotMatch
from traindx.dataset.checks.pooled_groups import PooledGroups
from traindx.dataset.checks.sentinel_values import SentinelValues
from traindx.dataset.checks.statistics_applied_twice import StatisticsAppliedTwice
from traindx.dataset.checks.statistics_over_padding import StatisticsOverPadding
from traindx.dataset.checks.stored_statistics_unused import StoredStatisticsUnused
from traindx.dataset.checks.subject import ActiveShare, Role, Subject
from traindx.dataset.checks.token_ids import TokenIds
from traindx.dataset.checks.unscaled_values import UnscaledValues
from traindx.dataset.overlap import OVERLAP_CHECKS
from traindx.diagnosis import Check

# In the order of their codes: those of a dataset's own values first.
VALUE_CHECKS: Final[tuple[type[DataCheck], ...]] = (
    UnscaledValues,
    StoredStatisticsUnused,
    StatisticsAppliedTwice,
    StatisticsOverPadding,
    PooledGroups,
    HeavyTails,
    ConstantFeatures,
    NotFinite,
    SentinelValues,
    ClassImbalance,
    LabelIds,
    IgnoredLabels,
    TokenIds,
    MostlyPadding,
    BoxFormat,
    BrokenBoxes,
    EmptyAnnotations,
    BrokenReferences,
    PairsDoNotMatch,
)

# Every check of data, whatever its subject is: what `traindx rule` and `traindx rules` know. One line for each further list.
DATA_CHECKS: Final[tuple[type[Check[Any]], ...]] = (
    *VALUE_CHECKS,
    *OVERLAP_CHECKS,
)

__all__ = ["DATA_CHECKS", "NEEDS", "VALUE_CHECKS", "ActiveShare", "DataCheck", "Role", "Subject", "is_there"]

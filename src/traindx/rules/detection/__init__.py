"""Rules about detection and segmentation: boxes, masks, empty ground truth."""

from traindx.rules.detection.box_terms_are_zero import BoxTermsAreZero
from traindx.rules.detection.boxes_in_pixels import BoxesInPixels
from traindx.rules.detection.class_error_stays_full import ClassErrorStaysFull
from traindx.rules.detection.empty_ground_truth import EmptyGroundTruth
from traindx.rules.detection.every_query_counts import EveryQueryCounts
from traindx.rules.detection.nothing_found import NothingFound
from traindx.rules.detection.only_background import OnlyBackground
from traindx.rules.detection.overlap_does_not_follow import OverlapDoesNotFollow
from traindx.rules.detection.sums_differ_by_split import SumsDifferBySplit
from traindx.rules.rule import Rule

RULES: tuple[type[Rule], ...] = (
    BoxTermsAreZero,
    BoxesInPixels,
    ClassErrorStaysFull,
    EmptyGroundTruth,
    EveryQueryCounts,
    NothingFound,
    OnlyBackground,
    OverlapDoesNotFollow,
    SumsDifferBySplit,
)

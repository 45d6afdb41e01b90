"""Rules about values that cannot be, alone or together."""

from traindx.rules.arithmetic.impossible_value import ImpossibleValue
from traindx.rules.arithmetic.inconsistent_metrics import InconsistentMetrics
from traindx.rules.arithmetic.no_common_gallery import NoCommonGallery
from traindx.rules.rule import Rule

RULES: tuple[type[Rule], ...] = (
    ImpossibleValue,
    InconsistentMetrics,
    NoCommonGallery,
)

"""Rules about values that cannot be, alone or together."""

from traindx.rules.arithmetic.accuracy_contradicts_loss import AccuracyContradictsLoss
from traindx.rules.arithmetic.f1_outside_its_parts import F1OutsideItsParts
from traindx.rules.arithmetic.few_validation_samples import FewValidationSamples
from traindx.rules.arithmetic.impossible_value import ImpossibleValue
from traindx.rules.arithmetic.inconsistent_metrics import InconsistentMetrics
from traindx.rules.arithmetic.nested_metrics_disordered import NestedMetricsDisordered
from traindx.rules.arithmetic.no_common_gallery import NoCommonGallery
from traindx.rules.arithmetic.perplexity_contradicts_loss import PerplexityContradictsLoss
from traindx.rules.arithmetic.scale_changes_midway import ScaleChangesMidway
from traindx.rules.arithmetic.split_scales_differ import SplitScalesDiffer
from traindx.rules.arithmetic.total_is_no_sum import TotalIsNoSum
from traindx.rules.rule import Rule

RULES: tuple[type[Rule], ...] = (
    AccuracyContradictsLoss,
    F1OutsideItsParts,
    FewValidationSamples,
    ImpossibleValue,
    InconsistentMetrics,
    NestedMetricsDisordered,
    NoCommonGallery,
    PerplexityContradictsLoss,
    ScaleChangesMidway,
    SplitScalesDiffer,
    TotalIsNoSum,
)

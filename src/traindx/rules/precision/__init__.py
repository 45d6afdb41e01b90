"""Rules about mixed precision: loss scales, overflows, skipped steps."""

from traindx.rules.precision.gradient_not_unscaled import GradientNotUnscaled
from traindx.rules.precision.half_precision_without_scale import HalfPrecisionWithoutScale
from traindx.rules.precision.loss_not_unscaled import LossNotUnscaled
from traindx.rules.precision.loss_scale_collapses import LossScaleCollapses
from traindx.rules.precision.loss_scale_stuck import LossScaleStuck
from traindx.rules.precision.many_skipped_steps import ManySkippedSteps
from traindx.rules.precision.occasional_overflow import OccasionalOverflow
from traindx.rules.rule import Rule

RULES: tuple[type[Rule], ...] = (
    GradientNotUnscaled,
    HalfPrecisionWithoutScale,
    LossNotUnscaled,
    LossScaleCollapses,
    LossScaleStuck,
    ManySkippedSteps,
    OccasionalOverflow,
)

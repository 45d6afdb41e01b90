"""Rules about learning rate, clipping and the terms of the loss."""

from traindx.rules.optimiser.clipping_saturated import ClippingSaturated
from traindx.rules.optimiser.constant_learning_rate import ConstantLearningRate
from traindx.rules.optimiser.exploding_gradient import ExplodingGradient
from traindx.rules.optimiser.gradients_add_up import GradientsAddUp
from traindx.rules.optimiser.learning_rate_leaps import LearningRateLeaps
from traindx.rules.optimiser.learning_rate_out_of_range import LearningRateOutOfRange
from traindx.rules.optimiser.learning_rate_rises_again import LearningRateRisesAgain
from traindx.rules.optimiser.learning_rate_zero import LearningRateZero
from traindx.rules.optimiser.one_term_carries_total import OneTermCarriesTotal
from traindx.rules.optimiser.parameter_group_frozen import ParameterGroupFrozen
from traindx.rules.optimiser.schedule_ends_early import ScheduleEndsEarly
from traindx.rules.optimiser.schedule_too_slow import ScheduleTooSlow
from traindx.rules.optimiser.update_ratio_out_of_range import UpdateRatioOutOfRange
from traindx.rules.optimiser.vanishing_gradient import VanishingGradient
from traindx.rules.optimiser.warm_up_never_ends import WarmUpNeverEnds
from traindx.rules.optimiser.weight_decay_too_strong import WeightDecayTooStrong
from traindx.rules.rule import Rule

RULES: tuple[type[Rule], ...] = (
    ClippingSaturated,
    ConstantLearningRate,
    ExplodingGradient,
    GradientsAddUp,
    LearningRateLeaps,
    LearningRateOutOfRange,
    LearningRateRisesAgain,
    LearningRateZero,
    OneTermCarriesTotal,
    ParameterGroupFrozen,
    ScheduleEndsEarly,
    ScheduleTooSlow,
    UpdateRatioOutOfRange,
    VanishingGradient,
    WarmUpNeverEnds,
    WeightDecayTooStrong,
)

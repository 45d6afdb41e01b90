"""Rules about learning rate, clipping and the terms of the loss."""

from traindx.rules.optimiser.clipping_saturated import ClippingSaturated
from traindx.rules.optimiser.constant_learning_rate import ConstantLearningRate
from traindx.rules.optimiser.learning_rate_zero import LearningRateZero
from traindx.rules.optimiser.one_term_carries_total import OneTermCarriesTotal
from traindx.rules.rule import Rule

RULES: tuple[type[Rule], ...] = (
    ClippingSaturated,
    ConstantLearningRate,
    LearningRateZero,
    OneTermCarriesTotal,
)

"""Rules that compare a loss or metric with what knowing nothing scores."""

from traindx.rules.baseline.frozen_metric import FrozenMetric
from traindx.rules.baseline.held_out_guessing import HeldOutGuessing
from traindx.rules.baseline.loss_at_chance import LossAtChance
from traindx.rules.baseline.loss_at_trivial_level import LossAtTrivialLevel
from traindx.rules.baseline.loss_out_of_scale import LossOutOfScale
from traindx.rules.baseline.metric_at_chance import MetricAtChance
from traindx.rules.baseline.softmax_twice import SoftmaxTwice
from traindx.rules.baseline.starts_above_uniform import StartsAboveUniform
from traindx.rules.baseline.units_not_skill import UnitsNotSkill
from traindx.rules.rule import Rule

RULES: tuple[type[Rule], ...] = (
    FrozenMetric,
    HeldOutGuessing,
    LossAtChance,
    LossAtTrivialLevel,
    LossOutOfScale,
    MetricAtChance,
    SoftmaxTwice,
    StartsAboveUniform,
    UnitsNotSkill,
)

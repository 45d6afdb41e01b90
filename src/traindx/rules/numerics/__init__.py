"""Rules about NaN, infinities, and what hides them."""

from traindx.rules.numerics.gradient_not_finite import GradientNotFinite
from traindx.rules.numerics.metric_not_finite import MetricNotFinite
from traindx.rules.numerics.nan_in_disguise import NanInDisguise
from traindx.rules.numerics.nan_in_loss import NanInLoss
from traindx.rules.numerics.sentinel_value import SentinelValue
from traindx.rules.rule import Rule

RULES: tuple[type[Rule], ...] = (
    GradientNotFinite,
    MetricNotFinite,
    NanInDisguise,
    NanInLoss,
    SentinelValue,
)

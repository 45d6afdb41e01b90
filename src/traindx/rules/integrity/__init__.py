"""Rules that ask whether the log itself is true."""

from traindx.rules.integrity.loss_contradicts_error import LossContradictsError
from traindx.rules.integrity.mixed_streams import MixedStreams
from traindx.rules.integrity.one_name_two_quantities import OneNameTwoQuantities
from traindx.rules.integrity.repeated_steps import RepeatedSteps
from traindx.rules.integrity.steps_go_back import StepsGoBack
from traindx.rules.rule import Rule

RULES: tuple[type[Rule], ...] = (
    LossContradictsError,
    MixedStreams,
    OneNameTwoQuantities,
    RepeatedSteps,
    StepsGoBack,
)

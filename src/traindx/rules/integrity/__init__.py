"""Rules that ask whether the log itself is true."""

from traindx.rules.integrity.mixed_streams import MixedStreams
from traindx.rules.integrity.one_name_two_quantities import OneNameTwoQuantities
from traindx.rules.integrity.repeated_steps import RepeatedSteps
from traindx.rules.integrity.steps_go_back import StepsGoBack
from traindx.rules.rule import Rule

RULES: tuple[type[Rule], ...] = (
    MixedStreams,
    OneNameTwoQuantities,
    RepeatedSteps,
    StepsGoBack,
)

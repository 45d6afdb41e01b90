"""Rules that ask whether the log itself is true."""

from traindx.rules.integrity.best_so_far_logged import BestSoFarLogged
from traindx.rules.integrity.carried_forward import CarriedForward
from traindx.rules.integrity.clock_with_gaps import ClockWithGaps
from traindx.rules.integrity.jump_after_resume import JumpAfterResume
from traindx.rules.integrity.loss_contradicts_error import LossContradictsError
from traindx.rules.integrity.mixed_streams import MixedStreams
from traindx.rules.integrity.one_name_two_quantities import OneNameTwoQuantities
from traindx.rules.integrity.repeated_steps import RepeatedSteps
from traindx.rules.integrity.running_mean_not_named import RunningMeanNotNamed
from traindx.rules.integrity.steps_go_back import StepsGoBack
from traindx.rules.integrity.too_few_digits import TooFewDigits
from traindx.rules.rule import Rule

RULES: tuple[type[Rule], ...] = (
    BestSoFarLogged,
    CarriedForward,
    ClockWithGaps,
    JumpAfterResume,
    LossContradictsError,
    MixedStreams,
    OneNameTwoQuantities,
    RepeatedSteps,
    RunningMeanNotNamed,
    StepsGoBack,
    TooFewDigits,
)

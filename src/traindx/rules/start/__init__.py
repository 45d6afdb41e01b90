"""Rules about the first steps: initialisation, warm-up."""

from traindx.rules.rule import Rule
from traindx.rules.start.first_steps_leap import FirstStepsLeap
from traindx.rules.start.no_warm_up import NoWarmUp
from traindx.rules.start.rise_after_warm_up import RiseAfterWarmUp
from traindx.rules.start.warm_up_hump import WarmUpHump

RULES: tuple[type[Rule], ...] = (
    FirstStepsLeap,
    NoWarmUp,
    RiseAfterWarmUp,
    WarmUpHump,
)

"""Rules about time and memory: slow-downs, waiting for data, stalls, leaks."""

from traindx.rules.rule import Rule
from traindx.rules.speed.accelerator_idle import AcceleratorIdle
from traindx.rules.speed.evaluation_takes_long import EvaluationTakesLong
from traindx.rules.speed.memory_grows import MemoryGrows
from traindx.rules.speed.slower_within_epochs import SlowerWithinEpochs
from traindx.rules.speed.stalls import Stalls
from traindx.rules.speed.steps_slow_down import StepsSlowDown
from traindx.rules.speed.waiting_for_data import WaitingForData

RULES: tuple[type[Rule], ...] = (
    AcceleratorIdle,
    EvaluationTakesLong,
    MemoryGrows,
    SlowerWithinEpochs,
    Stalls,
    StepsSlowDown,
    WaitingForData,
)

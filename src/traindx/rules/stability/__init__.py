"""Rules about runs that get worse."""

from traindx.rules.rule import Rule
from traindx.rules.stability.collapsed import Collapsed
from traindx.rules.stability.diverged import Diverged
from traindx.rules.stability.loss_spikes import LossSpikes

RULES: tuple[type[Rule], ...] = (
    Collapsed,
    Diverged,
    LossSpikes,
)

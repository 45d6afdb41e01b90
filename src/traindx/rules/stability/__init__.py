"""Rules about runs that get worse."""

from traindx.rules.stability.collapsed import Collapsed
from traindx.rules.stability.diverged import Diverged
from traindx.rules.stability.loss_spikes import LossSpikes
from traindx.rules.rule import Rule

RULES: tuple[type[Rule], ...] = (
    Collapsed,
    Diverged,
    LossSpikes,
)

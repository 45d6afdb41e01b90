"""Rules about runs that get worse."""

from traindx.rules.rule import Rule
from traindx.rules.stability.collapsed import Collapsed
from traindx.rules.stability.diverged import Diverged
from traindx.rules.stability.gradient_grew_first import GradientGrewFirst
from traindx.rules.stability.gradient_spikes import GradientSpikes
from traindx.rules.stability.loss_drifts_up import LossDriftsUp
from traindx.rules.stability.loss_spikes import LossSpikes
from traindx.rules.stability.loss_steps_up import LossStepsUp
from traindx.rules.stability.oscillating_loss import OscillatingLoss
from traindx.rules.stability.spikes_become_denser import SpikesBecomeDenser

RULES: tuple[type[Rule], ...] = (
    Collapsed,
    Diverged,
    GradientGrewFirst,
    GradientSpikes,
    LossDriftsUp,
    LossSpikes,
    LossStepsUp,
    OscillatingLoss,
    SpikesBecomeDenser,
)

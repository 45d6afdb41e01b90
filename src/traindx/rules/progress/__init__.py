"""Rules about runs that do not get better."""

from traindx.rules.progress.flat_loss import FlatLoss
from traindx.rules.progress.late_start import LateStart
from traindx.rules.progress.noisy_by_nature import NoisyByNature
from traindx.rules.progress.plateau import Plateau
from traindx.rules.progress.saturated_training_metric import SaturatedTrainingMetric
from traindx.rules.progress.slow_progress import SlowProgress
from traindx.rules.progress.undertrained import Undertrained
from traindx.rules.rule import Rule

RULES: tuple[type[Rule], ...] = (
    FlatLoss,
    LateStart,
    NoisyByNature,
    Plateau,
    SaturatedTrainingMetric,
    SlowProgress,
    Undertrained,
)

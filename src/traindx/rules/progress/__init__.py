"""Rules about runs that no longer move."""

from traindx.rules.progress.flat_loss import FlatLoss
from traindx.rules.rule import Rule

RULES: tuple[type[Rule], ...] = (FlatLoss,)

"""Rules that compare training with validation."""

from traindx.rules.generalisation.overfitting import Overfitting
from traindx.rules.generalisation.validation_far_below_training import ValidationFarBelowTraining
from traindx.rules.rule import Rule

RULES: tuple[type[Rule], ...] = (
    Overfitting,
    ValidationFarBelowTraining,
)

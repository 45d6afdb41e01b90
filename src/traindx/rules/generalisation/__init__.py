"""Rules that compare training with validation."""

from traindx.rules.generalisation.chosen_on_test import ChosenOnTest
from traindx.rules.generalisation.over_confident import OverConfident
from traindx.rules.generalisation.overfitting import Overfitting
from traindx.rules.generalisation.train_metric_far_above import TrainMetricFarAbove
from traindx.rules.generalisation.validation_equals_training import ValidationEqualsTraining
from traindx.rules.generalisation.validation_far_below_training import ValidationFarBelowTraining
from traindx.rules.generalisation.validation_leads_by_averaging import ValidationLeadsByAveraging
from traindx.rules.generalisation.validation_metric_far_above import ValidationMetricFarAbove
from traindx.rules.generalisation.validation_never_improves import ValidationNeverImproves
from traindx.rules.rule import Rule

RULES: tuple[type[Rule], ...] = (
    ChosenOnTest,
    OverConfident,
    Overfitting,
    TrainMetricFarAbove,
    ValidationEqualsTraining,
    ValidationFarBelowTraining,
    ValidationLeadsByAveraging,
    ValidationMetricFarAbove,
    ValidationNeverImproves,
)

"""Rules about which weights are kept, and by what."""

from traindx.rules.checkpoints.best_long_ago import BestLongAgo
from traindx.rules.checkpoints.best_not_saved import BestNotSaved
from traindx.rules.checkpoints.choice_within_noise import ChoiceWithinNoise
from traindx.rules.checkpoints.criteria_disagree import CriteriaDisagree
from traindx.rules.checkpoints.evaluated_too_rarely import EvaluatedTooRarely
from traindx.rules.rule import Rule

RULES: tuple[type[Rule], ...] = (
    BestLongAgo,
    BestNotSaved,
    ChoiceWithinNoise,
    CriteriaDisagree,
    EvaluatedTooRarely,
)

"""Rules about preference tuning: DPO and its relatives."""

from traindx.rules.preference.chosen_likelihood_falls import ChosenLikelihoodFalls
from traindx.rules.preference.margin_explodes import MarginExplodes
from traindx.rules.preference.margin_stays_zero import MarginStaysZero
from traindx.rules.preference.pairs_too_easy import PairsTooEasy
from traindx.rules.preference.rejected_above_chosen import RejectedAboveChosen
from traindx.rules.preference.start_differs_from_reference import StartDiffersFromReference
from traindx.rules.rule import Rule

RULES: tuple[type[Rule], ...] = (
    MarginStaysZero,
    StartDiffersFromReference,
    ChosenLikelihoodFalls,
    PairsTooEasy,
    MarginExplodes,
    RejectedAboveChosen,
)

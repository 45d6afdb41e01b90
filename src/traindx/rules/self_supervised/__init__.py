"""Rules about representations learnt without labels, and about embeddings that fall together."""

from traindx.rules.rule import Rule
from traindx.rules.self_supervised.codes_guessed import CodesGuessed
from traindx.rules.self_supervised.features_collapsed import FeaturesCollapsed
from traindx.rules.self_supervised.perfect_agreement import PerfectAgreement
from traindx.rules.self_supervised.triplet_at_margin import TripletAtMargin
from traindx.rules.self_supervised.uniform_prototypes import UniformPrototypes
from traindx.rules.self_supervised.variance_term_saturated import VarianceTermSaturated

RULES: tuple[type[Rule], ...] = (
    UniformPrototypes,
    FeaturesCollapsed,
    PerfectAgreement,
    TripletAtMargin,
    VarianceTermSaturated,
    CodesGuessed,
)

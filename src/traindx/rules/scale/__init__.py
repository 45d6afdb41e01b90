"""Rules about magnitudes: reductions, units, weights of terms."""

from traindx.rules.rule import Rule
from traindx.rules.scale.losses_are_different_sums import LossesAreDifferentSums
from traindx.rules.scale.summed_loss import SummedLoss
from traindx.rules.scale.targets_not_normalised import TargetsNotNormalised
from traindx.rules.scale.z_loss_drifts import ZLossDrifts

RULES: tuple[type[Rule], ...] = (
    LossesAreDifferentSums,
    SummedLoss,
    TargetsNotNormalised,
    ZLossDrifts,
)

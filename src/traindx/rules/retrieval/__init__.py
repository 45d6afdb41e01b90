"""Rules about ranking metrics and the galleries behind them."""

from traindx.rules.retrieval.batch_accuracy_only import BatchAccuracyOnly
from traindx.rules.retrieval.directions_far_apart import DirectionsFarApart
from traindx.rules.retrieval.galleries_of_two_sizes import GalleriesOfTwoSizes
from traindx.rules.retrieval.logit_scale_at_its_end import LogitScaleAtItsEnd
from traindx.rules.retrieval.one_candidate import OneCandidate
from traindx.rules.retrieval.ranks_near_chance import RanksNearChance
from traindx.rules.retrieval.temperature_floor_reached import TemperatureFloorReached
from traindx.rules.rule import Rule

RULES: tuple[type[Rule], ...] = (
    BatchAccuracyOnly,
    DirectionsFarApart,
    GalleriesOfTwoSizes,
    LogitScaleAtItsEnd,
    OneCandidate,
    RanksNearChance,
    TemperatureFloorReached,
)

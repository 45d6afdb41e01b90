"""Rules about the order in which data come: shuffling, shards, periods."""

from traindx.rules.data_order.periodic_loss import PeriodicLoss
from traindx.rules.data_order.same_place_every_epoch import SamePlaceEveryEpoch
from traindx.rules.data_order.sawtooth_each_epoch import SawtoothEachEpoch
from traindx.rules.data_order.staircase_at_epochs import StaircaseAtEpochs
from traindx.rules.rule import Rule

RULES: tuple[type[Rule], ...] = (
    PeriodicLoss,
    SamePlaceEveryEpoch,
    SawtoothEachEpoch,
    StaircaseAtEpochs,
)

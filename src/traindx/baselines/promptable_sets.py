"""Budgets of promptable segmenters (SAM 3 and kin) and of YOLO's loss, as sums of stated terms."""

from __future__ import annotations

import math

from traindx.baselines.arithmetic import at_least, shown
from traindx.baselines.baseline import Baseline
from traindx.baselines.detection_sets import Term, budget
from traindx.baselines.focal import focal_element

SAM3 = "loss weights of facebookresearch/sam3; values of each term derived"

# At a logit of zero: cross-entropy ln 2, focal (alpha 1/4, gamma 2) of a background pixel, Dice near 1.
_LN2 = math.log(2.0)
_BOX = (("L1", 1.2, 5.0), ("1 - GIoU", 1.3, 2.0))


def sam3_terms(
    *, aux_layers: int = 5, one_to_many: float = 2.0, matches: float = 4.0, mask_weight: float = 200.0
) -> tuple[Term, ...]:
    """Return SAM 3's terms at total ignorance: the last layer with masks, then the other layers and one-to-many.

    Classes and presence answer one half (ln 2, weight 20 each), masks one half on background (focal 0.13, Dice 1),
    boxes are random. Auxiliary layers carry no masks; one-to-many counts up to ``matches`` per object and is
    weighted ``one_to_many``, over all layers.

    >>> round(sum(t.total for t in sam3_terms(aux_layers=0, one_to_many=0.0)))
    72
    """
    at_least(0, aux_layers=aux_layers, one_to_many=one_to_many, matches=matches, mask_weight=mask_weight)
    focal = focal_element(0.5, positive_label=False)
    last = [Term("mask focal", focal, mask_weight), Term("dice", 1.0, 10.0)]
    plain = [("class", _LN2, 20.0), ("presence", _LN2, 20.0), *_BOX]
    layers = [Term(name, value, weight, 1 + aux_layers) for name, value, weight in plain]
    copies = one_to_many * matches * (1 + aux_layers)
    many = [Term(f"one-to-many {name}", value, weight, copies) for name, value, weight in _BOX if copies > 0]
    return (*last, *layers, *many)


def sam3_chance(*, aux_layers: int = 5, one_to_many: float = 2.0) -> Baseline:
    """Return SAM 3's loss at total ignorance: hundreds with all branches, tens in evaluation.

    >>> 400 < sam3_chance().value < 800
    True
    """
    return budget(
        sam3_terms(aux_layers=aux_layers, one_to_many=one_to_many),
        "chance",
        "total ignorance in every branch: an order of magnitude, not a line",
        SAM3,
        "training and evaluation add different branches, so that their totals are not comparable",
    )


def dfl_chance(bins: int = 16, gain: float = 1.5) -> Baseline:
    """Return the distribution focal loss of uniform bins: gain x ln(bins).

    A target between two bins splits its weight over both; with all bins equal the cross-entropy is ln(bins).

    >>> round(dfl_chance().value, 4)
    4.1589
    """
    at_least(2, bins=bins)
    return Baseline(
        rung="chance",
        value=gain * math.log(bins),
        unit="nats",
        formula=f"{shown(gain)} × ln {bins}",
        meaning="all bins of a box side equally likely",
        source="Li et al. 2020, Generalized Focal Loss, equation 6, at uniform probabilities",
        conditions="logged with its gain; without it ln(bins)",
    )


def yolo_box_chance(gain: float = 7.5) -> Baseline:
    """Return YOLO's box term for boxes that miss: gain x (1 - IoU) = gain.

    >>> yolo_box_chance().value
    7.5
    """
    at_least(0, gain=gain)
    return Baseline(
        rung="chance",
        value=gain,
        unit="weighted",
        formula=f"{shown(gain)} × (1 - 0)",
        meaning="no predicted box overlaps its target",
        source="derived: IoU loss of disjoint boxes",
        conditions="complete IoU adds the distance of the centres, at most the gain once more",
    )

"""Losses of detectors that predict sets: a budget as the sum of stated terms, over layers and branches."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

from traindx.baselines.arithmetic import at_least, positive, shown
from traindx.baselines.baseline import Baseline, Rung

DETR = "Carion et al. 2020, End-to-End Object Detection with Transformers; defaults of its main.py"


@final
@dataclass(frozen=True, slots=True)
class Term:
    """One term of a weighted sum: what it is worth unweighted, its weight, and how often it is added."""

    name: str
    value: float
    weight: float = 1.0
    copies: float = 1.0

    @property
    def total(self) -> float:
        """Return value x weight x copies."""
        return self.value * self.weight * self.copies

    @property
    def formula(self) -> str:
        """Return the product as text."""
        copies = f"{shown(self.copies)}·" if self.copies != 1 else ""
        return f"{copies}{shown(self.weight)}·{shown(self.value)} {self.name}"


def budget(terms: Sequence[Term], rung: Rung, meaning: str, source: str, conditions: str = "") -> Baseline:
    """Return the sum of weighted terms as one baseline.

    >>> budget([Term("l1", 1.0, 5.0), Term("giou", 1.2, 2.0)], "chance", "no skill", "stated").formula
    '5·1 l1 + 2·1.2 giou'
    """
    at_least(1, number_of_terms=len(terms))
    return Baseline(
        rung=rung,
        value=math.fsum(t.total for t in terms),
        unit="weighted sum",
        formula=" + ".join(t.formula for t in terms),
        meaning=meaning,
        source=source,
        conditions=conditions,
    )


def weighted_constant_ce(num_classes: int, num_queries: int, num_objects: int, no_object_weight: float) -> float:
    """Return the best constant's class loss over queries when "no object" is down-weighted.

    m objects of equally frequent classes among q queries: with weights 1 and e the shares are m and e (q - m) over
    their sum, and the loss is H(share) + share ln C, C the classes without "no object".

    >>> round(weighted_constant_ce(91, 100, 7, 0.1), 2)
    2.62
    """
    at_least(1, num_classes=num_classes, num_queries=num_queries)
    at_least(num_objects, num_queries=num_queries)
    positive(no_object_weight=no_object_weight)
    share = num_objects / (num_objects + no_object_weight * (num_queries - num_objects))
    rest = -sum(p * math.log(p) for p in (share, 1 - share) if p > 0)
    return rest + share * math.log(num_classes)


def detr_terms(num_classes: int, layers: int, l1: float, giou: float) -> tuple[Term, ...]:
    """Return DETR's terms at a uniform class guess: ln(C + 1), 5 x L1 and 2 x (1 - GIoU) on every decoder layer.

    >>> round(sum(t.total for t in detr_terms(91, 6, 1.2, 1.3)))
    79
    """
    at_least(1, num_classes=num_classes, layers=layers)
    return (
        Term("class", math.log(num_classes + 1), 1.0, layers),
        Term("L1", l1, 5.0, layers),
        Term("1 - GIoU", giou, 2.0, layers),
    )


def detr_chance(num_classes: int = 91, layers: int = 6) -> Baseline:
    """Return DETR's loss for random, unmatched boxes: L1 1.2 and 1 - GIoU 1.3 against objects of natural size.

    >>> 70 < detr_chance().value < 80
    True
    """
    return budget(
        detr_terms(num_classes, layers, 1.2, 1.3),
        "chance",
        "uniform classes and random boxes in every decoder layer",
        DETR,
        "auxiliary losses on all layers; evaluation without them is smaller by that factor",
    )


def detr_initial(num_classes: int = 91, layers: int = 6) -> Baseline:
    """Return DETR's loss where the nearest of 100 random boxes is matched to each object: L1 0.34, 1 - GIoU 0.9.

    >>> 35 < detr_initial().value < 50
    True
    """
    return budget(
        detr_terms(num_classes, layers, 0.34, 0.9),
        "initial",
        "uniform classes, each object matched to the nearest of random boxes",
        DETR + "; matched distances simulated",
        "auxiliary losses on all layers",
    )


def detr_ceiling(layers: int = 6) -> Baseline:
    """Return the most that DETR's box terms can cost: 5·4 + 2·2 = 24 per layer.

    >>> detr_ceiling(1).value
    24.0
    """
    terms = (Term("L1", 4.0, 5.0, layers), Term("1 - GIoU", 2.0, 2.0, layers))
    return budget(terms, "initial", "the worst possible boxes: more is a unit or normalisation fault", DETR)

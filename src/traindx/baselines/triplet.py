"""Losses on pairs and triplets of embeddings: where they stand when the embedding says nothing."""

from __future__ import annotations

import math

from traindx.baselines.arithmetic import at_least, shown
from traindx.baselines.baseline import Baseline

SCHROFF = "Schroff et al. 2015, FaceNet, equation 2"


def triplet_chance(margin: float) -> Baseline:
    """Return the triplet loss of equal distances: max(0, d+ - d- + m) = m, for a collapsed embedding exactly.

    >>> triplet_chance(0.3).value
    0.3
    """
    at_least(0, margin=margin)
    return Baseline(
        rung="chance",
        value=margin,
        unit="distance",
        formula=shown(margin),
        meaning="positives and negatives equally far: a collapsed or random embedding",
        source=SCHROFF,
        conditions="hardest negatives make a random embedding start above it; a plateau at it is a collapse",
    )


def soft_margin_triplet_chance() -> Baseline:
    """Return the soft-margin triplet loss of equal distances: ln(1 + e^0) = ln 2.

    >>> round(soft_margin_triplet_chance().value, 4)
    0.6931
    """
    return Baseline(
        rung="chance",
        value=math.log(2.0),
        unit="nats",
        formula="ln 2",
        meaning="positives and negatives equally far: a collapsed or random embedding",
        source="Hermans et al. 2017, In Defense of the Triplet Loss, section 2",
    )


def pair_contrastive_trivial(margin: float, pos: float = 0.5) -> Baseline:
    """Return the best single distance for all pairs: pos d^2 + (1-pos)(m-d)^2 is least at pos (1-pos) m^2.

    >>> pair_contrastive_trivial(1.0).value
    0.25
    """
    at_least(0, margin=margin)
    return Baseline(
        rung="trivial",
        value=pos * (1 - pos) * margin**2,
        unit="distance²",
        formula=f"{shown(pos)}·{shown(1 - pos)}·{shown(margin)}²",
        meaning="all pairs at one distance",
        source="Hadsell et al. 2006, equation 4 without its factor 1/2, minimised over one distance",
    )


def pair_contrastive_collapse(margin: float, pos: float = 0.5) -> Baseline:
    """Return the pair loss of a collapsed embedding: distance 0 costs (1-pos) m^2.

    >>> pair_contrastive_collapse(1.0).value
    0.5
    """
    at_least(0, margin=margin)
    return Baseline(
        rung="chance",
        value=(1 - pos) * margin**2,
        unit="distance²",
        formula=f"{shown(1 - pos)}·{shown(margin)}²",
        meaning="every embedding in one point",
        source="Hadsell et al. 2006, equation 4 without its factor 1/2",
    )


def cosine_embedding_chance(pos: float = 0.5, margin: float = 0.0) -> Baseline:
    """Return the cosine embedding loss of orthogonal pairs: 1 for positives, max(0, -m) = 0 for negatives.

    >>> cosine_embedding_chance().value
    0.5
    """
    at_least(0, margin=margin)
    return Baseline(
        rung="chance",
        value=pos,
        unit="fraction",
        formula=f"{shown(pos)}·1 + {shown(1 - pos)}·0",
        meaning="unrelated directions, in many dimensions",
        source="definition: 1 - cos for positives, max(0, cos - margin) for negatives",
    )

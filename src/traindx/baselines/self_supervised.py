"""Self-supervised losses without negatives: chance and the signatures of collapse."""

from __future__ import annotations

import math

from traindx.baselines.arithmetic import at_least, positive, shown
from traindx.baselines.baseline import Baseline, Rung


def _level(
    rung: Rung, value: float, unit: str, formula: str, meaning: str, source: str, conditions: str = ""
) -> Baseline:
    return Baseline(
        rung=rung, value=value, unit=unit, formula=formula, meaning=meaning, source=source, conditions=conditions
    )


def prototypes_chance(num_prototypes: int) -> Baseline:
    """Return the loss of a uniform student over K prototypes: ln K, whatever the teacher says.

    >>> round(prototypes_chance(65536).value, 4)
    11.0904
    """
    at_least(1, num_prototypes=num_prototypes)
    meaning = "all prototypes equally likely: the start, and the collapse to uniform"
    source = "Caron et al. 2021, Emerging Properties in Self-Supervised Vision Transformers, equation 1"
    conditions = "mean over pairs of views; the floor is the teacher's entropy, not 0"
    return _level("chance", math.log(num_prototypes), "nats", f"ln {num_prototypes}", meaning, source, conditions)


def simsiam_collapse() -> Baseline:
    """Return the loss of equal outputs for everything: negative cosine -1, which is also the floor.

    >>> simsiam_collapse().value
    -1.0
    """
    source = "Chen and He 2021, Exploring Simple Siamese Representation Learning, equation 1"
    conditions = "a collapse reaches it at once; tell them apart by the spread of the outputs"
    return _level("floor", -1.0, "cosine", "-cos 0", "perfect agreement of the views, or collapse", source, conditions)


def healthy_output_std(dim: int) -> float:
    """Return the standard deviation per dimension of unit vectors that fill the sphere: 1/sqrt D; 0 is a collapse.

    >>> round(healthy_output_std(2048), 4)
    0.0221
    """
    at_least(1, dim=dim)
    return 1.0 / math.sqrt(dim)


def byol_chance() -> Baseline:
    """Return BYOL's loss of unrelated directions: 2 - 2 cos = 2.

    >>> byol_chance().value
    2.0
    """
    source = "Grill et al. 2020, Bootstrap Your Own Latent, equation 2"
    return _level(
        "chance", 2.0, "distance²", "2 - 2·0", "unrelated directions", source, "one direction; twice that for both"
    )


def barlow_chance(dim: int, batch_size: int, weight: float = 0.005) -> Baseline:
    """Return Barlow Twins' loss of independent views: D on the diagonal, weight x D (D-1)/N beside it.

    A correlation of N independent pairs has variance 1/N: the diagonal costs D (1 + 1/N).

    >>> round(barlow_chance(2048, 256).value)
    2138
    """
    at_least(1, dim=dim, batch_size=batch_size)
    positive(weight=weight)
    value = dim * (1 + 1 / batch_size) + weight * dim * (dim - 1) / batch_size
    formula = f"{dim}·(1 + 1/{batch_size}) + {shown(weight)}·{dim}·{dim - 1}/{batch_size}"
    source = "Zbontar et al. 2021, Barlow Twins, equation 1, at independent views"
    return _level(
        "chance", value, "sum", formula, "two views that have nothing in common", source, "before any scaling"
    )


def vicreg_collapse(dim: int, weight: float = 25.0) -> Baseline:
    """Return VICReg's loss of one point: invariance 0, covariance 0, the hinge on the deviation at 1 - sqrt(1e-4).

    >>> vicreg_collapse(2048).value
    24.75
    """
    at_least(1, dim=dim)
    source = "Bardes et al. 2022, VICReg, equations 1-6, at equal outputs"
    conditions = "variance term averaged over both views"
    return _level(
        "chance", weight * 0.99, "sum", f"{shown(weight)}·(1 - √0.0001)", "every output equal", source, conditions
    )


def wav2vec_chance(distractors: int = 100) -> Baseline:
    """Return wav2vec 2.0's contrastive loss among distractors and the right frame: ln(k + 1).

    >>> round(wav2vec_chance().value, 3)
    4.615
    """
    at_least(0, distractors=distractors)
    source = "Baevski et al. 2020, wav2vec 2.0, equation 3"
    conditions = "per masked frame, without the diversity term"
    formula = f"ln({distractors} + 1)"
    return _level("chance", math.log(distractors + 1), "nats", formula, "guessing the masked frame", source, conditions)


def masked_image_trivial(pixel_variance: float = 1.0) -> Baseline:
    """Return the masked-image MSE of the mean answer: the variance of the targets, 1 for pixels scaled per patch.

    >>> masked_image_trivial().value
    1.0
    """
    positive(pixel_variance=pixel_variance)
    source = "definition of the variance; targets of He et al. 2022, Masked Autoencoders"
    meaning = "the mean of every masked patch"
    return _level("trivial", pixel_variance, "target units²", shown(pixel_variance), meaning, source)

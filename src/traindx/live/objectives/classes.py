"""Losses over classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, final

from traindx.live.objectives.objective import FamilyObjective, Numbers


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class CrossEntropy(FamilyObjective):
    """Softmax cross-entropy over ``num_classes``: guessing costs ln(num_classes), answering the ``class_prior`` its entropy.

    ``class_prior`` holds the count or share of each class. ``label_noise`` is the share of wrong labels, ``mixup`` the alpha of mixup
    or cutmix: with ``label_smoothing`` they set the floor. ``logit_std`` is that of the first logits.
    """

    family: ClassVar = "cross_entropy"
    one_of: ClassVar = ("num_classes", "class_prior")

    num_classes: int | None = None
    class_prior: Numbers | None = None
    label_smoothing: float | None = None
    label_noise: float | None = None
    mixup: float | None = None
    logit_std: float | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class BinaryCrossEntropy(FamilyObjective):
    """Binary cross-entropy per element: guessing costs ln 2, answering ``positive_rate`` the entropy of that share."""

    family: ClassVar = "bce"

    positive_rate: float | None = None
    pos_weight: float | None = None
    label_smoothing: float | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Focal(FamilyObjective):
    """Focal loss per element; ``positive_rate`` is the share of positives among them, ``prior_bias`` the first answer."""

    family: ClassVar = "focal"

    positive_rate: float | None = None
    alpha: float | None = None
    gamma: float | None = None
    num_elements: int | None = None
    prior_bias: float | None = None

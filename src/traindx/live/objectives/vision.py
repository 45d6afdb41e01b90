"""Losses of detectors and of segmentation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, final

from traindx.live.objectives.objective import FamilyObjective


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Dice(FamilyObjective):
    """Soft Dice loss; ``foreground`` is the share of foreground pixels, ``squared`` that of probabilities in the denominator."""

    family: ClassVar = "dice"

    foreground: float | None = None
    squared: bool | None = None
    num_pixels: int | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class BoxL1(FamilyObjective):
    """L1 of boxes, summed over four coordinates."""

    family: ClassVar = "box_l1"

    image_size: int | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class GIoU(FamilyObjective):
    """Generalised IoU loss of boxes."""

    family: ClassVar = "giou"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class IoU(FamilyObjective):
    """IoU loss of boxes (IoU, DIoU, CIoU)."""

    family: ClassVar = "iou"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class DETR(FamilyObjective):
    """Total of a set-prediction detector: classes, L1 and GIoU on each of ``num_layers`` decoder layers."""

    family: ClassVar = "detr"

    num_classes: int | None = None
    num_layers: int | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class DistributionFocal(FamilyObjective):
    """Distribution focal loss over ``bins``, times ``dfl_gain``."""

    family: ClassVar = "dfl"

    bins: int | None = None
    dfl_gain: float | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class YOLO(FamilyObjective):
    """Box and bin terms of a one-stage detector with their gains."""

    family: ClassVar = "yolo"

    bins: int | None = None
    dfl_gain: float | None = None
    box_gain: float | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SAM3(FamilyObjective):
    """Total of SAM 3 over ``aux_layers`` and the one-to-many branch."""

    family: ClassVar = "sam3"

    aux_layers: int | None = None
    one_to_many: float | None = None

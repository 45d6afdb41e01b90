"""Self-supervised losses without negatives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, final

from traindx.live.objectives.objective import FamilyObjective


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class DINO(FamilyObjective):
    """Cross-entropy over ``num_prototypes`` (DINO, iBOT, SwAV): guessing costs ln(num_prototypes)."""

    family: ClassVar = "dino"

    num_prototypes: int


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class MaskedImage(FamilyObjective):
    """Squared error of masked patches, whose targets have ``pixel_variance`` (1 if scaled per patch)."""

    family: ClassVar = "masked_image"

    pixel_variance: float | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SimSiam(FamilyObjective):
    """Negative cosine of two views: -1 is a collapse or perfect agreement, 0 unrelated directions."""

    family: ClassVar = "simsiam"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class BYOL(FamilyObjective):
    """Squared distance of unit vectors: unrelated directions are 2 apart."""

    family: ClassVar = "byol"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class BarlowTwins(FamilyObjective):
    """Barlow Twins over ``embedding_dim`` outputs."""

    family: ClassVar = "barlow"

    batch_size: int
    embedding_dim: int | None = None
    off_diagonal_weight: float | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class VICReg(FamilyObjective):
    """VICReg over ``embedding_dim`` outputs."""

    family: ClassVar = "vicreg"

    embedding_dim: int | None = None
    variance_weight: float | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Wav2Vec2(FamilyObjective):
    """Contrastive term of wav2vec 2.0 among ``distractors`` and the right frame."""

    family: ClassVar = "wav2vec2"

    distractors: int | None = None

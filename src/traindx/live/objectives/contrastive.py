"""Losses that compare embeddings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, final

from traindx.live.objectives.objective import FamilyObjective


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class InfoNCE(FamilyObjective):
    """Contrastive cross-entropy among ``negatives`` candidates, the right one included: guessing costs ln(negatives).

    Instead of ``negatives`` tell ``batch_size``, and ``world_size`` and ``gather`` where embeddings of all devices are candidates.
    ``num_samples`` corrects for the short last batch unless ``drop_last``; ``temperature`` gives the floor, with
    ``embedding_dim`` the first loss.
    """

    family: ClassVar = "info_nce"
    one_of: ClassVar = ("negatives", "batch_size")

    negatives: int | None = None
    batch_size: int | None = None
    world_size: int | None = None
    gather: bool | None = None
    num_samples: int | None = None
    drop_last: bool | None = None
    temperature: float | None = None
    embedding_dim: int | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SimCLR(FamilyObjective):
    """Two views of each item against all other views of the batch: guessing costs ln(2 batch_size - 1)."""

    family: ClassVar = "simclr"

    batch_size: int
    world_size: int | None = None
    gather: bool | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SupCon(FamilyObjective):
    """Supervised contrastive loss of ``num_classes`` in batches of two views."""

    family: ClassVar = "supcon"

    batch_size: int
    num_classes: int
    world_size: int | None = None
    gather: bool | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class MoCo(FamilyObjective):
    """Contrastive loss against a queue: guessing costs ln(queue_size + 1)."""

    family: ClassVar = "moco"

    queue_size: int


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SigLIP(FamilyObjective):
    """Sigmoid loss over all pairs of a batch, divided by ``batch_size``."""

    family: ClassVar = "siglip"

    batch_size: int
    embedding_dim: int | None = None
    bias: float | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Triplet(FamilyObjective):
    """Triplet loss: embeddings that are all alike cost the ``margin``, or ln 2 with the ``soft`` margin."""

    family: ClassVar = "triplet"
    one_of: ClassVar = ("margin", "soft")

    margin: float | None = None
    soft: bool | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class PairContrastive(FamilyObjective):
    """Margin loss of pairs, of which ``positive_rate`` belong together."""

    family: ClassVar = "pair_contrastive"

    margin: float
    positive_rate: float | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class CosineEmbedding(FamilyObjective):
    """Cosine embedding loss of pairs, of which ``positive_rate`` belong together."""

    family: ClassVar = "cosine_embedding"

    margin: float | None = None
    positive_rate: float | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ArcFace(FamilyObjective):
    """Softmax over ``num_classes`` with an angular ``margin``; ``logit_scale`` multiplies the cosines."""

    family: ClassVar = "arcface"

    num_classes: int
    logit_scale: float | None = None
    margin: float | None = None
    embedding_dim: int | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class CosFace(FamilyObjective):
    """Softmax over ``num_classes`` with a cosine ``margin``; ``logit_scale`` multiplies the cosines."""

    family: ClassVar = "cosface"

    num_classes: int
    logit_scale: float | None = None
    margin: float | None = None
    embedding_dim: int | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SampledSoftmax(FamilyObjective):
    """Softmax over one right item and ``num_negatives`` drawn ones: guessing costs ln(num_negatives + 1)."""

    family: ClassVar = "sampled_softmax"

    num_negatives: int


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class NegativeSampling(FamilyObjective):
    """One right item and ``num_negatives`` drawn ones, each a yes or no, summed: guessing costs (k + 1) ln 2."""

    family: ClassVar = "sgns"

    num_negatives: int

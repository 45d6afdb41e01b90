"""Losses of generative models and of distillation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, final

from traindx.live.objectives.objective import FamilyObjective, Numbers


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Diffusion(FamilyObjective):
    """Denoising loss; ``prediction`` is epsilon, sample or velocity, ``data_variance`` that of the data per element."""

    family: ClassVar = "diffusion"

    prediction: str | None = None
    data_variance: float | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class FlowMatching(FamilyObjective):
    """Flow matching along straight paths to data of ``data_variance`` per element."""

    family: ClassVar = "flow"

    data_variance: float | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class GAN(FamilyObjective):
    """Both players of a GAN; ``flavour`` is the form of their losses (bce, hinge, lsgan, ...)."""

    family: ClassVar = "gan"

    flavour: str | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class GANDiscriminator(FamilyObjective):
    """The discriminator of a GAN by itself."""

    family: ClassVar = "gan_discriminator"

    flavour: str


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class GANGenerator(FamilyObjective):
    """The generator of a GAN by itself."""

    family: ClassVar = "gan_generator"

    flavour: str


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class VAE(FamilyObjective):
    """Reconstruction term of an autoencoder, summed over ``num_pixels``; ``likelihood`` is bernoulli or normal."""

    family: ClassVar = "vae"

    num_pixels: int
    likelihood: str | None = None
    brightness: float | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class KLDivergence(FamilyObjective):
    """Divergence of a posterior from its prior: 0 is a collapsed posterior."""

    family: ClassVar = "kl"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Distillation(FamilyObjective):
    """Divergence from a teacher, with the factor T squared; told by ``logit_std`` or ``teacher_logits`` of one item."""

    family: ClassVar = "distillation"
    one_of: ClassVar = ("logit_std", "teacher_logits")

    logit_std: float | None = None
    teacher_logits: Numbers | None = None
    temperature: float | None = None

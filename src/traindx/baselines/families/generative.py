"""Families of generative losses and of distillation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from traindx.baselines import diffusion, distillation, gan, vae
from traindx.baselines.baseline import Baseline
from traindx.baselines.families.family import Family, Options, Parameter
from traindx.baselines.families.numbers import zero_error
from traindx.errors import UsageError

Level = Callable[[float], Baseline]
_TARGETS: Mapping[str, tuple[Level, Level]] = {
    "epsilon": (lambda _: diffusion.noise_prediction_trivial(), diffusion.noise_prediction_affine),
    "sample": (diffusion.data_prediction_trivial, diffusion.data_prediction_affine),
    "velocity": (diffusion.velocity_prediction_trivial, diffusion.velocity_prediction_affine),
}


def _diffusion(o: Options) -> Sequence[Baseline]:
    variance, (trivial, affine) = o.number("data_variance"), _TARGETS[o.word("prediction")]
    return [zero_error("target units²"), affine(variance), trivial(variance)]


def _flow(o: Options) -> Sequence[Baseline]:
    variance = o.number("data_variance")
    levels = [diffusion.flow_matching_affine(variance), diffusion.flow_matching_trivial(variance)]
    return [zero_error("target units²"), *levels]


def _gan(o: Options) -> Sequence[Baseline]:
    return [gan.gan_chance(o.word("flavour"), "discriminator"), gan.gan_chance(o.word("flavour"), "generator")]


def _discriminator(o: Options) -> Sequence[Baseline]:
    chance = gan.gan_chance(o.word("flavour"), "discriminator")
    return [
        chance,
        replace(chance, value=chance.value / 2, formula=f"({chance.formula})/2", conditions="terms averaged"),
    ]


def _generator(o: Options) -> Sequence[Baseline]:
    return [gan.gan_chance(o.word("flavour"), "generator")]


def _vae(o: Options) -> Sequence[Baseline]:
    pixels, brightness = o.whole("num_pixels"), o.maybe_number("brightness")
    if o.word("likelihood") == "normal":
        return [zero_error("nats per image"), vae.normal_reconstruction_trivial(pixels)]
    trivial = [vae.binary_reconstruction_trivial(pixels, brightness)] if brightness is not None else []
    return [zero_error("nats per image"), *trivial, vae.binary_reconstruction_chance(pixels)]


def _kl(_: Options) -> Sequence[Baseline]:
    return [vae.posterior_collapse()]


def _vqvae(o: Options) -> Sequence[Baseline]:
    return [vae.codebook_perplexity_best(o.whole("codebook_size")), vae.codebook_collapse()]


def _distillation(o: Options) -> Sequence[Baseline]:
    logits, std = o.numbers("teacher_logits"), o.maybe_number("logit_std")
    if logits:
        chance = distillation.distillation_chance(logits, o.number("temperature"))
    elif std is not None:
        chance = distillation.distillation_high_temperature(std)
    else:
        raise UsageError("distillation needs the teacher: teacher_logits or logit_std", hint="for example logit_std=3")
    return [distillation.distillation_floor((1.0,)), chance]


VARIANCE = Parameter(
    name="data_variance",
    type="float",
    meaning="variance of the data per element",
    default=1.0,
    aliases=("variance", "var"),
)
FLAVOUR = Parameter(
    name="flavour",
    type="str",
    meaning="form of the losses",
    default="bce",
    aliases=("flavor", "kind"),
    choices=tuple(gan.FLAVOURS),
)
# A player's loss alone does not tell the form; a guess would be a false baseline.
NAMED_FLAVOUR = replace(FLAVOUR, default=None, required=True, example="bce")

GENERATIVE_FAMILIES = (
    Family(
        name="diffusion",
        aliases=("ddpm", "noise_prediction", "denoising"),
        summary="denoising loss of a diffusion model",
        parameters=(
            Parameter(
                name="prediction",
                type="str",
                meaning="what is predicted",
                default="epsilon",
                aliases=("target",),
                choices=tuple(_TARGETS),
            ),
            VARIANCE,
        ),
        build=_diffusion,
    ),
    Family(
        name="distillation",
        aliases=("kd", "knowledge_distillation"),
        summary="divergence from a teacher, with the factor T²",
        parameters=(
            Parameter(
                name="teacher_logits", type="floats", meaning="one item's logits of the teacher", example="3,0,-3"
            ),
            Parameter(name="logit_std", type="float", meaning="spread of the teacher's logits, at high temperature"),
            Parameter(
                name="temperature", type="float", meaning="temperature of the softmax", default=1.0, aliases=("t",)
            ),
        ),
        build=_distillation,
    ),
    Family(
        name="flow",
        aliases=("flow_matching", "rectified_flow"),
        summary="flow matching along straight paths",
        parameters=(VARIANCE,),
        build=_flow,
    ),
    Family(name="gan", summary="both players of a GAN, undecided", parameters=(FLAVOUR,), build=_gan),
    Family(
        name="gan_discriminator",
        aliases=("discriminator",),
        summary="discriminator that cannot decide",
        parameters=(NAMED_FLAVOUR,),
        build=_discriminator,
    ),
    Family(
        name="gan_generator",
        aliases=("generator",),
        summary="generator against an undecided discriminator",
        parameters=(NAMED_FLAVOUR,),
        build=_generator,
    ),
    Family(name="kl", aliases=("kld", "kl_divergence"), summary="divergence of a posterior from its prior", build=_kl),
    Family(
        name="vae",
        aliases=("elbo", "reconstruction"),
        summary="reconstruction term of an autoencoder, summed over pixels",
        parameters=(
            Parameter(
                name="num_pixels",
                type="int",
                meaning="pixels times channels",
                required=True,
                aliases=("pixels",),
                example="784",
            ),
            Parameter(
                name="likelihood",
                type="str",
                meaning="form of the term",
                default="bernoulli",
                choices=("bernoulli", "normal"),
            ),
            Parameter(name="brightness", type="float", meaning="mean brightness of the data, 0 to 1"),
        ),
        build=_vae,
    ),
    Family(
        name="vqvae",
        aliases=("codebook", "codebook_perplexity"),
        summary="perplexity of a codebook",
        parameters=(
            Parameter(
                name="codebook_size", type="int", meaning="codes", required=True, aliases=("k", "codes"), example="512"
            ),
        ),
        build=_vqvae,
        higher_is_better=True,
    ),
)

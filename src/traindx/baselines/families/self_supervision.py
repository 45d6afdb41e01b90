"""Families of self-supervised losses without negatives."""

from __future__ import annotations

from collections.abc import Sequence

from traindx.baselines import self_supervised, softmax_floors
from traindx.baselines.baseline import Baseline
from traindx.baselines.families.facts import BATCH, required
from traindx.baselines.families.family import Family, Options, Parameter
from traindx.baselines.families.numbers import zero_error


def _prototypes(o: Options) -> Sequence[Baseline]:
    return [softmax_floors.zero_cross_entropy(), self_supervised.prototypes_chance(o.whole("num_prototypes"))]


def _simsiam(_: Options) -> Sequence[Baseline]:
    return [self_supervised.simsiam_collapse(), zero_cosine()]


def zero_cosine() -> Baseline:
    """Return the negative cosine of unrelated directions in many dimensions: 0.

    >>> zero_cosine().value
    0.0
    """
    return Baseline(
        rung="chance", value=0.0, unit="cosine", formula="-cos 90°", meaning="unrelated directions", source="definition"
    )


def _byol(_: Options) -> Sequence[Baseline]:
    return [zero_error("distance²"), self_supervised.byol_chance()]


def _barlow(o: Options) -> Sequence[Baseline]:
    return [self_supervised.barlow_chance(o.whole("dim"), o.whole("batch_size"), o.number("off_diagonal_weight"))]


def _vicreg(o: Options) -> Sequence[Baseline]:
    return [self_supervised.vicreg_collapse(o.whole("dim"), o.number("variance_weight"))]


def _wav2vec(o: Options) -> Sequence[Baseline]:
    return [softmax_floors.zero_cross_entropy(), self_supervised.wav2vec_chance(o.whole("distractors"))]


def _mae(o: Options) -> Sequence[Baseline]:
    return [zero_error("target units²"), self_supervised.masked_image_trivial(o.number("pixel_variance"))]


OUTPUT_DIM = Parameter(name="dim", type="int", meaning="output dimension", default=2048, aliases=("d", "embedding_dim"))

SELF_SUPERVISED_FAMILIES = (
    Family(
        name="barlow",
        aliases=("barlow_twins",),
        summary="Barlow Twins",
        parameters=(
            required(BATCH),
            OUTPUT_DIM,
            Parameter(
                name="off_diagonal_weight",
                type="float",
                meaning="weight beside the diagonal",
                default=0.005,
                aliases=("lambda",),
            ),
        ),
        build=_barlow,
    ),
    Family(name="byol", summary="BYOL's distance of unit vectors", build=_byol),
    Family(
        name="dino",
        aliases=("ibot", "swav", "prototypes"),
        summary="cross-entropy over prototypes (DINO, iBOT, SwAV)",
        parameters=(
            Parameter(
                name="num_prototypes",
                type="int",
                meaning="prototypes",
                required=True,
                example="65536",
                aliases=("k", "prototypes", "out_dim"),
            ),
        ),
        build=_prototypes,
    ),
    Family(
        name="masked_image",
        aliases=("masked_autoencoder", "mim"),
        summary="masked-image reconstruction",
        parameters=(
            Parameter(
                name="pixel_variance",
                type="float",
                meaning="variance of the targets, 1 if scaled per patch",
                default=1.0,
            ),
        ),
        build=_mae,
    ),
    Family(name="simsiam", summary="negative cosine of two views", build=_simsiam),
    Family(
        name="vicreg",
        summary="VICReg",
        parameters=(
            OUTPUT_DIM,
            Parameter(name="variance_weight", type="float", meaning="weight of the variance term", default=25.0),
        ),
        build=_vicreg,
    ),
    Family(
        name="wav2vec2",
        aliases=("wav2vec",),
        summary="wav2vec 2.0's contrastive term",
        parameters=(
            Parameter(
                name="distractors",
                type="int",
                meaning="distractors per masked frame",
                default=100,
                aliases=("num_negatives", "k"),
            ),
        ),
        build=_wav2vec,
    ),
)

"""Families of losses on pairs, triplets and margins of embeddings."""

from __future__ import annotations

from collections.abc import Sequence

from traindx.baselines import margins, noise_contrastive, siglip, softmax, softmax_floors, triplet
from traindx.baselines.baseline import Baseline
from traindx.baselines.families.facts import BATCH, CLASSES, DIM, MARGIN, required
from traindx.baselines.families.family import Family, Options, Parameter
from traindx.baselines.families.numbers import zero_error
from traindx.errors import UsageError

PAIR_SHARE = Parameter(
    name="pos", type="float", meaning="share of positive pairs", default=0.5, aliases=("positive_rate",)
)


def _siglip(o: Options) -> Sequence[Baseline]:
    size, dim = o.whole("batch_size"), o.maybe_whole("dim")
    start = [siglip.siglip_initial(size, dim, o.number("scale"), o.number("bias"))] if dim else []
    return [softmax_floors.zero_cross_entropy(), siglip.siglip_trivial(size), *start]


def _triplet(o: Options) -> Sequence[Baseline]:
    margin = o.maybe_number("margin")
    if margin is None and not o.flag("soft"):
        raise UsageError(
            "triplet needs margin: margin of the loss, or soft", hint="for example margin=0.3, or soft=true"
        )
    chance = triplet.soft_margin_triplet_chance() if margin is None else triplet.triplet_chance(margin)
    return [zero_error("distance"), chance]


def _pair_contrastive(o: Options) -> Sequence[Baseline]:
    levels = [
        make(o.number("margin"), o.number("pos"))
        for make in (triplet.pair_contrastive_trivial, triplet.pair_contrastive_collapse)
    ]
    return [zero_error("distance²"), *levels]


def _cosine_embedding(o: Options) -> Sequence[Baseline]:
    return [zero_error("fraction"), triplet.cosine_embedding_chance(o.number("pos"), o.number("margin"))]


def _arcface(o: Options) -> Sequence[Baseline]:
    start = margins.arcface_initial(o.whole("num_classes"), o.number("scale"), o.number("margin"), o.whole("dim"))
    return [softmax_floors.zero_cross_entropy(), start]


def _cosface(o: Options) -> Sequence[Baseline]:
    start = margins.cosface_initial(o.whole("num_classes"), o.number("scale"), o.number("margin"), o.whole("dim"))
    return [softmax_floors.zero_cross_entropy(), start]


def _sgns(o: Options) -> Sequence[Baseline]:
    count = o.whole("num_negatives")
    return [noise_contrastive.negative_sampling_trivial(count), noise_contrastive.negative_sampling_chance(count)]


def _sampled_softmax(o: Options) -> Sequence[Baseline]:
    return [softmax_floors.zero_cross_entropy(), softmax.uniform_cross_entropy(o.whole("num_negatives") + 1)]


SCALE = Parameter(
    name="scale", type="float", meaning="factor on the cosines", default=64.0, aliases=("s", "logit_scale")
)
FACE_DIM = Parameter(name="dim", type="int", meaning="embedding dimension", default=512, aliases=("d", "embedding_dim"))
NEGATIVES = Parameter(
    name="num_negatives",
    type="int",
    meaning="negatives per right item",
    required=True,
    example="5",
    aliases=("negatives", "k"),
)

SOFT = Parameter(name="soft", type="bool", meaning="the soft margin ln(1 + e^x) is used", default=False)

PAIR_FAMILIES = (
    Family(
        name="arcface",
        aliases=("angular_margin",),
        summary="softmax with an angular margin",
        parameters=(
            required(CLASSES),
            SCALE,
            Parameter(name="margin", type="float", meaning="angle in radians", default=0.5, aliases=("m",)),
            FACE_DIM,
        ),
        build=_arcface,
    ),
    Family(
        name="cosface",
        aliases=("am_softmax",),
        summary="softmax with a cosine margin",
        parameters=(
            required(CLASSES),
            SCALE,
            Parameter(name="margin", type="float", meaning="taken off the cosine", default=0.35, aliases=("m",)),
            FACE_DIM,
        ),
        build=_cosface,
    ),
    Family(
        name="cosine_embedding",
        aliases=("cosine",),
        summary="cosine embedding loss of pairs",
        parameters=(
            PAIR_SHARE,
            Parameter(name="margin", type="float", meaning="cosine allowed to negatives", default=0.0),
        ),
        build=_cosine_embedding,
    ),
    Family(
        name="pair_contrastive",
        aliases=("siamese",),
        summary="margin loss of pairs",
        parameters=(required(MARGIN), PAIR_SHARE),
        build=_pair_contrastive,
    ),
    Family(
        name="sampled_softmax",
        aliases=("nce_softmax",),
        summary="softmax over one right item and k negatives",
        parameters=(NEGATIVES,),
        build=_sampled_softmax,
    ),
    Family(
        name="sgns",
        aliases=("word2vec", "negative_sampling", "nce"),
        summary="negative sampling, summed over k + 1 terms",
        parameters=(NEGATIVES,),
        build=_sgns,
    ),
    Family(
        name="siglip",
        aliases=("sigmoid_contrastive",),
        summary="sigmoid loss over all pairs, divided by the batch",
        parameters=(
            required(BATCH),
            DIM,
            Parameter(name="scale", type="float", meaning="initial scale", default=10.0),
            Parameter(name="bias", type="float", meaning="initial bias", default=-10.0),
        ),
        build=_siglip,
    ),
    Family(
        name="triplet",
        aliases=("triplet_margin", "soft_margin_triplet"),
        summary="triplet loss, with a margin or soft",
        parameters=(MARGIN, SOFT),
        build=_triplet,
    ),
)

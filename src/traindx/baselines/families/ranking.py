"""Families of retrieval and ranking metrics."""

from __future__ import annotations

from collections.abc import Sequence

from traindx.baselines import retrieval, retrieval_multi
from traindx.baselines.baseline import Baseline
from traindx.baselines.families.facts import CUTOFF, GALLERY, POSITIVES, required
from traindx.baselines.families.family import Family, Options, Parameter


def _recall(o: Options) -> Sequence[Baseline]:
    gallery, positives, k = o.whole("gallery_size"), o.whole("positives"), o.whole("k")
    if positives == 1:
        return [retrieval.recall_at_k_chance(gallery, k)]
    any_hit = retrieval_multi.any_hit_chance(gallery, positives, k)
    return [any_hit, retrieval_multi.recall_fraction_chance(gallery, k)]


def _mrr(o: Options) -> Sequence[Baseline]:
    gallery, positives = o.whole("gallery_size"), o.whole("positives")
    single = positives == 1
    return [retrieval.mrr_chance(gallery) if single else retrieval_multi.multi_mrr_chance(gallery, positives)]


def _ranks(o: Options) -> Sequence[Baseline]:
    gallery, positives = o.whole("gallery_size"), o.whole("positives")
    if positives > 1:
        return [retrieval_multi.first_rank_chance(gallery, positives)]
    return [retrieval.median_rank_chance(gallery), retrieval.mean_rank_chance(gallery)]


def _ndcg(o: Options) -> Sequence[Baseline]:
    return [retrieval.ndcg_chance(o.whole("gallery_size"), o.maybe_whole("k"))]


def _average_precision(o: Options) -> Sequence[Baseline]:
    return [retrieval_multi.average_precision_chance(o.whole("gallery_size"), o.whole("positives"))]


def _precision(o: Options) -> Sequence[Baseline]:
    return [retrieval_multi.precision_at_k_chance(o.whole("gallery_size"), o.whole("positives"))]


SINGLE = (required(GALLERY), POSITIVES)

RANKING_FAMILIES = (
    Family(
        name="recall",
        aliases=("recall_at_k", "r_at_k", "hit_rate", "hits"),
        summary="recall at K against a gallery",
        parameters=(required(GALLERY), CUTOFF, POSITIVES),
        build=_recall,
        higher_is_better=True,
    ),
    Family(
        name="precision_at_k",
        summary="precision at K against a gallery",
        parameters=SINGLE,
        build=_precision,
        higher_is_better=True,
    ),
    Family(
        name="mrr",
        aliases=("mean_reciprocal_rank",),
        summary="mean reciprocal rank",
        parameters=SINGLE,
        build=_mrr,
        higher_is_better=True,
    ),
    Family(
        name="ranks",
        aliases=("rank", "median_rank", "mean_rank", "medr", "meanr"),
        summary="median and mean rank of the right item",
        parameters=SINGLE,
        build=_ranks,
    ),
    Family(
        name="ndcg",
        summary="normalised discounted cumulative gain",
        parameters=(
            required(GALLERY),
            Parameter(name="k", type="int", meaning="cut-off rank, if any", aliases=("at",)),
        ),
        build=_ndcg,
        higher_is_better=True,
    ),
    Family(
        name="map",
        aliases=("average_precision", "mean_average_precision", "ap"),
        summary="average precision of a ranking",
        parameters=SINGLE,
        build=_average_precision,
        higher_is_better=True,
    ),
)

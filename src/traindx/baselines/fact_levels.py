"""The levels that the facts of one run predict, each with its formula: few, hence strong evidence when met."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping

from traindx.baselines.baseline import Baseline
from traindx.baselines.binary import pos_weight_chance, prior_bce
from traindx.baselines.contrastive import info_nce_chance, info_nce_epoch_chance
from traindx.baselines.contrastive_floors import queue_chance, temperature_floor, two_view_chance
from traindx.baselines.preference import ipo_chance
from traindx.baselines.regression import l1_trivial, mse_trivial, rmse_trivial
from traindx.baselines.retrieval import mean_rank_chance, mrr_chance, recall_at_k_chance
from traindx.baselines.self_supervised import prototypes_chance
from traindx.baselines.siglip import siglip_trivial
from traindx.baselines.softmax import uniform_cross_entropy
from traindx.baselines.softmax_floors import label_smoothing_floor
from traindx.baselines.triplet import triplet_chance

Facts = Mapping[str, float]
_LARGEST = 10**12
_USUAL_BATCHES = (16, 32, 64, 128, 256, 512, 1024)


def _whole(facts: Facts, name: str) -> int | None:
    """Return a whole positive fact; None where it is absent or no such number."""
    value = facts.get(name)
    if value is None or not 1 <= value <= _LARGEST or value != int(value):
        return None
    return int(value)


def _batch(facts: Facts) -> Iterator[Baseline]:
    size, samples = _whole(facts, "batch_size"), _whole(facts, "num_samples")
    sizes = _USUAL_BATCHES if size is None else _gathered(size, _whole(facts, "world_size") or 1)
    for candidates in sizes:
        if size is not None:
            yield info_nce_chance(candidates)
        if samples is not None and samples > candidates and samples % candidates:
            yield info_nce_epoch_chance(samples, candidates)
            if size is not None:
                yield info_nce_epoch_chance(samples, candidates, "samples")


def _gathered(size: int, world: int) -> tuple[int, ...]:
    return (size, size * world) if world > 1 else (size,)


def _pairs(facts: Facts) -> Iterator[Baseline]:
    size, temperature = _whole(facts, "batch_size"), facts.get("temperature")
    if size is None or size < 2:
        return
    yield two_view_chance(size)
    yield siglip_trivial(size)
    if temperature is not None and 0 < temperature < math.inf:
        yield temperature_floor(size, temperature)


def _classes(facts: Facts) -> Iterator[Baseline]:
    smoothing = facts.get("label_smoothing", 0.0)
    for name in ("num_classes", "vocab_size"):
        size = _whole(facts, name)
        if size is not None:
            yield uniform_cross_entropy(size)
        if size is not None and size > 1 and 0 < smoothing < 1:
            yield label_smoothing_floor(size, smoothing)


def _gallery(facts: Facts) -> Iterator[Baseline]:
    size = _whole(facts, "gallery_size")
    if size is not None:
        yield from (recall_at_k_chance(size, k) for k in (1, 5, 10))
        yield mrr_chance(size)
        yield mean_rank_chance(size)


def _positives(facts: Facts) -> Iterator[Baseline]:
    pos, weight = facts.get("pos"), facts.get("pos_weight")
    if pos is None or not 0 < pos < 1:
        return
    yield prior_bce(pos)
    if weight is not None and 0 < weight < math.inf:
        yield pos_weight_chance(pos, weight)


def _targets(facts: Facts) -> Iterator[Baseline]:
    std = facts.get("target_std", facts.get("std"))
    if std is not None and 0 < std < math.inf:
        yield from (mse_trivial(std), rmse_trivial(std), l1_trivial(std))


def _singles(facts: Facts) -> Iterator[Baseline]:
    sizes: Mapping[str, Callable[[int], Baseline]] = {
        "num_prototypes": prototypes_chance,
        "queue_size": queue_chance,
        "num_negatives": queue_chance,
    }
    for name, build in sizes.items():
        size = _whole(facts, name)
        if size is not None:
            yield build(size)
    numbers: Mapping[str, Callable[[float], Baseline]] = {"margin": triplet_chance, "beta": ipo_chance}
    for name, of in numbers.items():
        value = facts.get(name)
        if value is not None and 0 < value < math.inf:
            yield of(value)


def fact_levels(facts: Facts) -> tuple[Baseline, ...]:
    """Return every level that these facts predict; facts that make no sense are passed over.

    >>> [round(b.value, 4) for b in fact_levels({"num_classes": 10, "label_smoothing": 0.1})]
    [2.3026, 0.5003]
    """
    sane = {name: value for name, value in facts.items() if 1 / _LARGEST < value < _LARGEST}
    makers = (_batch, _classes, _pairs, _gallery, _positives, _targets, _singles)
    return tuple(level for maker in makers for level in maker(sane))

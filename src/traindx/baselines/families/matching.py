"""Families of contrastive losses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from traindx.baselines import contrastive, contrastive_floors, softmax_floors
from traindx.baselines.baseline import Baseline
from traindx.baselines.families.facts import BATCH, CLASSES, DIM, GATHER, SAMPLES, TEMPERATURE, WORLD, required
from traindx.baselines.families.family import Family, Options, Parameter

CAPTIONS = Parameter(
    name="captions", type="int", meaning="different captions in the data, if few", aliases=("num_captions",)
)


NEGATIVES = Parameter(
    name="negatives",
    type="int",
    meaning="candidates of each choice, the right one included, where they are not the batch",
)


def _info_nce(o: Options) -> Sequence[Baseline]:
    count = o.maybe_whole("negatives")
    if count is None:
        count = contrastive.candidates(o.whole("batch_size"), o.whole("world_size"), gather=o.flag("gather"))
    return [*_floors(o, count), *_chances(o, count), *_start(o, count)]


def _chances(o: Options, count: int) -> list[Baseline]:
    """Return chance as logged (a kept short last batch first), and of a full batch."""
    full, samples = contrastive.info_nce_chance(count), o.maybe_whole("num_samples")
    if samples is None or o.flag("drop_last") or samples % count == 0:
        return [full]
    by_batches = contrastive.info_nce_epoch_chance(samples, count)
    return [by_batches, contrastive.info_nce_epoch_chance(samples, count, "samples"), full]


def _floors(o: Options, count: int) -> list[Baseline]:
    temperature, captions = o.maybe_number("temperature"), o.maybe_whole("captions")
    floors: list[Baseline] = []
    if temperature and count > 1:
        floors.append(contrastive_floors.temperature_floor(count, temperature))
    if captions:
        floors.append(contrastive_floors.expected_duplicates_floor(count, captions))
    return sorted(floors, key=lambda b: -b.value) or [softmax_floors.zero_cross_entropy()]


def _start(o: Options, count: int) -> list[Baseline]:
    temperature, dim = o.maybe_number("temperature"), o.maybe_whole("dim")
    if not temperature or not dim:
        return []
    return [contrastive.scaled_cosine_start(count, contrastive.temperature_scale(temperature), dim)]


def _simclr(o: Options) -> Sequence[Baseline]:
    count = contrastive.candidates(o.whole("batch_size"), o.whole("world_size"), gather=o.flag("gather"))
    return [softmax_floors.zero_cross_entropy(), contrastive_floors.two_view_chance(count)]


def _supcon(o: Options) -> Sequence[Baseline]:
    count = contrastive.candidates(o.whole("batch_size"), o.whole("world_size"), gather=o.flag("gather"))
    floor = contrastive_floors.supcon_floor(count, o.whole("num_classes"))
    return [floor, contrastive_floors.two_view_chance(count)]


def _moco(o: Options) -> Sequence[Baseline]:
    return [softmax_floors.zero_cross_entropy(), contrastive_floors.queue_chance(o.whole("queue_size"))]


DROP_LAST = Parameter(name="drop_last", type="bool", meaning="the short last batch is dropped", default=False)

MATCHING_FAMILIES = (
    Family(
        name="info_nce",
        aliases=("infonce", "clip", "contrastive", "nt_logistic", "in_batch_softmax"),
        summary="in-batch contrastive loss (InfoNCE, CLIP)",
        parameters=(
            replace(BATCH, required=True, unless=NEGATIVES.name),
            SAMPLES,
            WORLD,
            GATHER,
            TEMPERATURE,
            DIM,
            CAPTIONS,
            DROP_LAST,
            NEGATIVES,
        ),
        build=_info_nce,
    ),
    Family(
        name="moco",
        aliases=("queue",),
        summary="contrastive loss against a queue (MoCo)",
        parameters=(
            Parameter(
                name="queue_size",
                type="int",
                meaning="negatives in the queue",
                required=True,
                example="65536",
                aliases=("queue", "k"),
            ),
        ),
        build=_moco,
    ),
    Family(
        name="simclr",
        aliases=("nt_xent", "ntxent"),
        summary="two-view contrastive loss (SimCLR, NT-Xent)",
        parameters=(required(BATCH), WORLD, GATHER),
        build=_simclr,
    ),
    Family(
        name="supcon",
        aliases=("supervised_contrastive",),
        summary="supervised contrastive loss",
        parameters=(required(BATCH), required(CLASSES), WORLD, GATHER),
        build=_supcon,
    ),
)

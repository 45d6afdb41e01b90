"""Families of losses over classes: softmax, binary and their kin."""

from __future__ import annotations

from collections.abc import Sequence

from traindx.baselines import binary, softmax, softmax_floors
from traindx.baselines.baseline import Baseline
from traindx.baselines.families.facts import CLASSES, POS, POS_WEIGHT, PRIOR, SMOOTHING
from traindx.baselines.families.family import Family, Options, Parameter
from traindx.errors import UsageError


def _cross_entropy(o: Options) -> Sequence[Baseline]:
    prior = o.numbers("prior")
    num_classes = o.maybe_whole("num_classes") or len(prior)
    if not num_classes:
        raise UsageError(
            "cross_entropy needs num_classes: how many classes there are", hint="for example num_classes=1000"
        )
    chance = softmax.uniform_cross_entropy(num_classes)
    trivial = [softmax.prior_cross_entropy(prior)] if prior else []
    std = o.maybe_number("logit_std")
    initial = [softmax.initial_cross_entropy(num_classes, std)] if std is not None else []
    return [*_softmax_floors(o, num_classes), *trivial, chance, *initial]


def _softmax_floors(o: Options, num_classes: int) -> list[Baseline]:
    smoothing, noise, alpha = (o.maybe_number(n) for n in ("label_smoothing", "label_noise", "mixup"))
    floors: list[Baseline] = []
    if smoothing:
        floors.append(softmax_floors.label_smoothing_floor(num_classes, smoothing))
    if noise:
        floors.append(softmax_floors.label_noise_floor(num_classes, noise))
    if alpha:
        floors.append(softmax_floors.mixup_floor(alpha))
    # Several floors hold at once; the highest of them binds.
    return sorted(floors, key=lambda b: -b.value) or [softmax_floors.zero_cross_entropy()]


def _bce(o: Options) -> Sequence[Baseline]:
    pos, weight = o.maybe_number("pos"), o.number("pos_weight")
    smoothing = o.maybe_number("label_smoothing")
    floor = binary.smoothed_bce_floor(smoothing) if smoothing else softmax_floors.zero_cross_entropy()
    if pos is None:
        return [floor, binary.uniform_bce()]
    if weight == 1.0:
        return [floor, binary.prior_bce(pos), binary.uniform_bce()]
    return [floor, binary.pos_weight_trivial(pos, weight), binary.pos_weight_chance(pos, weight)]


CLASS_FAMILIES = (
    Family(
        name="cross_entropy",
        aliases=("ce", "softmax", "nll", "softmax_cross_entropy"),
        summary="softmax cross-entropy over classes",
        parameters=(
            CLASSES,
            SMOOTHING,
            PRIOR,
            Parameter(name="logit_std", type="float", meaning="standard deviation of the first logits"),
            Parameter(name="label_noise", type="float", meaning="share of wrong labels", aliases=("noise",)),
            Parameter(name="mixup", type="float", meaning="alpha of mixup or cutmix", aliases=("alpha",)),
        ),
        build=_cross_entropy,
    ),
    Family(
        name="bce",
        aliases=("binary_cross_entropy", "log_loss", "sigmoid"),
        summary="binary cross-entropy, per element",
        parameters=(POS, POS_WEIGHT, SMOOTHING),
        build=_bce,
    ),
)

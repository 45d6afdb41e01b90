"""Families of classification metrics, and of forecasts against persistence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from traindx.baselines import classification_metrics as metrics
from traindx.baselines import time_series
from traindx.baselines.baseline import Baseline
from traindx.baselines.families.facts import CLASSES, CUTOFF, POS, PRIOR, STD, required
from traindx.baselines.families.family import Family, Options, Parameter
from traindx.baselines.families.numbers import zero_error
from traindx.errors import UsageError


def _size(o: Options, metric: str) -> int:
    size = o.maybe_whole("num_classes") or len(o.numbers("prior"))
    if not size:
        raise UsageError(f"{metric} needs num_classes: how many classes there are", hint="for example num_classes=1000")
    return size


def _accuracy(o: Options) -> Sequence[Baseline]:
    prior, k = o.numbers("prior"), o.whole("k")
    trivial = [metrics.accuracy_trivial(prior, k)] if prior else []
    return [*trivial, metrics.accuracy_chance(_size(o, "accuracy"), k)]


def _balanced(o: Options) -> Sequence[Baseline]:
    return [metrics.balanced_accuracy_chance(o.whole("num_classes"))]


def _brier(o: Options) -> Sequence[Baseline]:
    prior = o.numbers("prior")
    trivial = [metrics.brier_trivial(prior)] if prior else []
    return [zero_error("fraction"), *trivial, metrics.brier_chance(_size(o, "brier"))]


def _of_pos(make: Callable[[float], Baseline], o: Options) -> Sequence[Baseline]:
    return [make(o.number("pos"))]


def _constant(make: Callable[[], Baseline], _: Options) -> Sequence[Baseline]:
    return [make()]


def _persistence(o: Options) -> Sequence[Baseline]:
    autocorrelation, std, horizon = o.number("autocorrelation"), o.number("target_std"), o.whole("horizon")
    floor = time_series.autoregression_floor(autocorrelation, std, horizon)
    return [floor, time_series.persistence_mse(autocorrelation, std, horizon)]


METRIC_FAMILIES = (
    Family(
        name="accuracy",
        aliases=("acc", "top_1", "top_k", "top_k_accuracy"),
        summary="top-k accuracy",
        parameters=(CLASSES, CUTOFF, PRIOR),
        build=_accuracy,
        higher_is_better=True,
    ),
    Family(
        name="auprc",
        aliases=("pr_auc", "aucpr", "average_precision_score"),
        summary="area under the precision-recall curve",
        parameters=(required(POS),),
        build=partial(_of_pos, metrics.auprc_chance),
        higher_is_better=True,
    ),
    Family(
        name="auroc",
        aliases=("auc", "roc_auc"),
        summary="area under the ROC curve",
        build=partial(_constant, metrics.auroc_chance),
        higher_is_better=True,
    ),
    Family(
        name="balanced_accuracy",
        aliases=("uar", "macro_recall"),
        summary="mean recall over classes",
        parameters=(required(CLASSES),),
        build=_balanced,
        higher_is_better=True,
    ),
    Family(name="brier", summary="Brier score, summed over classes", parameters=(CLASSES, PRIOR), build=_brier),
    Family(
        name="f1",
        aliases=("f1_score",),
        summary="F1 of the positive class",
        parameters=(required(POS),),
        build=partial(_of_pos, metrics.f1_trivial),
        higher_is_better=True,
    ),
    Family(
        name="kappa",
        aliases=("cohen_kappa", "mcc", "matthews"),
        summary="agreement beyond accident",
        build=partial(_constant, metrics.kappa_chance),
        higher_is_better=True,
    ),
    Family(
        name="mase", summary="mean absolute scaled error", build=partial(_constant, time_series.scaled_error_trivial)
    ),
    Family(
        name="persistence",
        aliases=("time_series", "forecast"),
        summary="MSE of a forecast against repeating the last value",
        parameters=(
            Parameter(
                name="autocorrelation",
                type="float",
                meaning="correlation with the value before",
                required=True,
                aliases=("rho", "r"),
                example="0.9",
            ),
            replace(STD, required=False, default=1.0),
            Parameter(name="horizon", type="int", meaning="steps ahead", default=1, aliases=("h",)),
        ),
        build=_persistence,
    ),
)

"""What the task metrics say beside the losses."""

from __future__ import annotations

import math

import numpy as np

from traindx.causes.feature import Feature, grade
from traindx.causes.sight import Sight, Trace
from traindx.signals import exponential

_SHARES = ("accuracy", "token_accuracy", "balanced_accuracy")
_GRID = 12_000


def _share(trace: Trace | None) -> float:
    """The end of a metric as a share of 1; NaN where it is no share."""
    if trace is None:
        return math.nan
    scale = 100.0 if trace.reading.role.unit == "percent" or float(np.max(np.abs(trace.brief))) > 1.5 else 1.0
    return trace.end / scale


def _accuracy(sight: Sight, split: str) -> Trace | None:
    found = sight.first(*_SHARES, split=split)
    return found if found is not None or split == "train" else sight.first(*_SHARES, split="test")


def _against_chance(sight: Sight, split: str) -> str | None:
    """Accuracy over that of guessing: far below it, the model knows the answer and gives another."""
    share, classes = _share(_accuracy(sight, split)), sight.number("num_classes")
    classes = classes if classes == classes else sight.number("vocab_size")
    if not classes >= 2 or math.isnan(share):
        return None
    skill = (share - 1 / classes) / (1 - 1 / classes)
    if share < 0.4 / classes:
        return "below-chance"
    return grade(skill, (0.06, "chance"), (0.3, "little"), (0.8, "some"), (0.985, "much"), above="all")


def _train(sight: Sight) -> str | None:
    return _against_chance(sight, "train")


def _val(sight: Sight) -> str | None:
    return _against_chance(sight, "val")


def _explained(sight: Sight) -> str | None:
    """The share of variance explained: 0 is the mean, under it worse than the mean."""
    trace = sight.first("r2", split="val") or sight.first("r2")
    return None if trace is None else grade(
        trace.end, (-0.1, "worse"), (0.05, "none"), (0.4, "little"), (0.9, "some"), (0.99, "much"), above="all"
    )  # fmt: skip


def _beside_loss(sight: Sight) -> str | None:
    """Accuracy beside exp(-loss), the typical probability of the right answer: the two go together in a softmax."""
    if sight.family not in ("cross_entropy", "masked_lm"):
        return None
    for split, loss in (("val", sight.val), ("train", sight.train)):
        share = _share(_accuracy(sight, split))
        if loss is not None and not math.isnan(share) and loss.end > -1:
            return _agree(share, exponential(-loss.end))
    return None


def _agree(share: float, likely: float) -> str:
    if share > 1.0001:
        return "impossible"
    if share < likely - 0.15:
        return "lower"
    return "higher" if share > likely + 0.35 else "agree"


def _main(sight: Sight) -> str | None:
    """The level of the main metric: exactly zero and exactly one are levels that real evaluations rarely have."""
    if sight.metric is None:
        return None
    share = _share(sight.metric)
    if abs(share) < 1e-12:
        return "zero"
    return "one" if abs(share - 1) < 1e-9 else "between"


def _way(sight: Sight) -> str | None:
    trace = sight.metric
    if trace is None or trace.curve.count < 3 or trace.reading.role.direction is None:
        return None
    curve = trace.curve
    if float(np.ptp(trace.brief)) == 0:
        return "frozen"
    if curve.gained <= 3 * curve.gain_error:
        return "worsens" if curve.lost > 5 * curve.error else "flat"
    return "gains-and-loses" if curve.lost > max(5 * curve.error, 0.5 * curve.gained) else "improves"


def _grid(sight: Sight) -> str | None:
    """The smallest distance between values of an accuracy: one over the number of samples, or a multiple of it."""
    trace = _accuracy(sight, "val")
    if trace is None or trace.curve.count < 4:
        return None
    values = np.unique(np.round(trace.values[np.isfinite(trace.values)][:_GRID], 9))
    if len(values) < 3:
        return None
    scale = 100.0 if float(np.max(values)) > 1.5 else 1.0
    return grade(float(np.min(np.diff(values))) / scale, (0.004, "fine"), (0.019, "coarse"), above="very-coarse")


def _loss_and_metric(sight: Sight) -> str | None:
    """Whether the loss learnt and the metric did not, or the reverse."""
    loss, way = sight.val or sight.train, _way(sight)
    if loss is None or way is None or sight.metric is None:
        return None
    fell = loss.curve.gained > max(3 * loss.curve.gain_error, 0.05 * abs(loss.start))
    better = way in ("improves", "gains-and-loses")
    return {(True, True): "both", (True, False): "loss-only", (False, True): "metric-only"}.get(
        (fell, better), "neither"
    )


_WORDS = {
    "below-chance": "{} accuracy is far below that of guessing",
    "chance": "{} accuracy is that of guessing",
    "little": "{} accuracy is little better than guessing",
    "some": "",
    "much": "",
    "all": "{} accuracy is perfect",
}

FEATURES: tuple[Feature, ...] = (
    Feature("training-accuracy", {k: w.format("training") for k, w in _WORDS.items()}, _train),
    Feature("validation-accuracy", {k: w.format("validation") for k, w in _WORDS.items()}, _val),
    Feature(
        "explained",
        {"worse": "predictions are worse than the mean", "none": "no variance is explained", "little": "", "some": "",
         "much": "", "all": "all variance is explained"},
        _explained,
    ),
    Feature(
        "accuracy-beside-loss",
        {
            "agree": "",
            "lower": "accuracy is lower than the loss promises",
            "higher": "accuracy is far higher than the loss promises",
            "impossible": "accuracy exceeds 1",
        },
        _beside_loss,
    ),
    Feature("metric-level", {"zero": "the metric is exactly zero", "one": "the metric is exactly one", "between": ""}, _main),
    Feature(
        "metric-way",
        {
            "frozen": "the metric is the same number at every evaluation",
            "flat": "the metric never moved",
            "worsens": "the metric only got worse",
            "gains-and-loses": "the metric lost what it had gained",
            "improves": "",
        },
        _way,
    ),
    Feature(
        "metric-grid",
        {"fine": "", "coarse": "the metric moves in steps of about one per cent",
         "very-coarse": "the metric moves in steps of several per cent"},
        _grid,
    ),
    Feature(
        "loss-and-metric",
        {"both": "", "neither": "neither loss nor metric improved", "loss-only": "the loss improved and the metric did not",
         "metric-only": "the metric improved and the loss did not"},
        _loss_and_metric,
    ),
)  # fmt: skip

"""How a run begins: its first loss against theory, and which way it moves."""

from __future__ import annotations

import numpy as np

from traindx.causes.feature import Feature, grade
from traindx.causes.sight import Sight, Trace

_EARLY = 10  # one part in so many of a run is its beginning


def _first_loss(sight: Sight) -> str | None:
    """The first loss over the level of guessing; fresh networks begin up to a sixth above it, per-epoch logs below."""
    if sight.train is None or not sight.chance > 0:
        return None
    ratio = sight.train.start / sight.chance
    return grade(
        ratio,
        (0.02, "near-nothing"),
        (0.5, "far-below"),
        (0.95, "below"),
        (1.2, "at-chance"),
        (2.0, "above"),
        (8.0, "far-above"),
        above="absurd",
    )


def _begins_there(sight: Sight) -> bool:
    """Whether equal scores are where a sound training begins: a policy that is still its own reference."""
    return "preference" in sight.tasks


def is_mean_of_epoch(trace: Trace) -> bool:
    """Whether the first point sums up a whole epoch: what it began with is not in it."""
    epochs = trace.reading.series.epochs
    apart = float(epochs[1] - epochs[0]) if len(epochs) > 1 else 0.0
    return trace.reading.role.statistic == "mean" or apart >= 0.99


def _first_exact(sight: Sight) -> str | None:
    """How near the first loss is to guessing: scores of exactly zero give it to every digit, random ones miss it by per cents."""
    if sight.train is None or not sight.chance > 0 or is_mean_of_epoch(sight.train) or _begins_there(sight):
        return None
    return grade(abs(sight.train.start / sight.chance - 1), (1e-3, "exact"), (0.02, "near"), above="off")


def _end_exact(sight: Sight) -> str | None:
    """The same for the level at the end."""
    if sight.train is None or not sight.chance > 0 or _begins_there(sight):
        return None
    return grade(abs(sight.train.end / sight.chance - 1), (3e-3, "exact"), (0.03, "near"), above="off")


def _first_size(sight: Sight) -> str | None:
    """Sizes that a mean per item of a common loss has, whatever it is; chance levels of text and images lie under 12."""
    if sight.train is None:
        return None
    size = abs(sight.train.start)
    return grade(size, (0.05, "tiny"), (15.0, "usual"), (100.0, "large"), (1e4, "huge"), above="absurd")


def _times_batch(sight: Sight) -> str | None:
    batch = sight.number("batch_size")
    if sight.train is None or not sight.chance > 0 or not batch > 4:
        return None
    ratio = sight.train.start / sight.chance / batch
    return "times-batch" if 0.9 < ratio < 1.3 else "other"  # fresh logits add a few per cent


def _variance(sight: Sight) -> str | None:
    """The squared error of the mean, where metrics tell it: 1 for targets of unit variance, the batch size for their sum."""
    if sight.chance == sight.chance or not sight.trivial > 0:
        return None
    batch = sight.number("batch_size")
    if batch > 4 and 0.6 < sight.trivial / batch < 1.6:
        return "of-batch"
    return grade(sight.trivial, (0.2, "small"), (4.0, "unit"), above="large")


def opening_of(trace: Trace) -> str | None:
    """Which way the first tenth goes (at least four points), in units of what there was to gain."""
    brief = trace.brief
    if len(brief) < 8:
        return None
    early = brief[: max(4, len(brief) // _EARLY)]
    first, size = float(early[0]), max(abs(float(early[0])), 1e-12)
    peak, last = (float(np.max(early)) - first) / size, (float(early[-1]) - first) / size
    if peak > 2:
        return "leaps"
    if last > max(0.03, 3 * trace.curve.noise / size):
        return "rises"
    return grade(-last, (0.01, "still"), (0.1, "creeps"), (0.5, "falls"), above="plunges")


def _opening(sight: Sight) -> str | None:
    return opening_of(sight.train) if sight.train is not None else None


FEATURES: tuple[Feature, ...] = (
    Feature(
        "first-loss",
        {
            "near-nothing": "the first loss is next to nothing",
            "far-below": "the first loss is far below guessing",
            "below": "",
            "at-chance": "",
            "above": "the first loss is above guessing",
            "far-above": "the first loss is several times that of guessing",
            "absurd": "the first loss is many times that of guessing",
        },
        _first_loss,
    ),
    Feature(
        "first-loss-exact",
        {"exact": "the first loss is that of equal scores, to every digit", "near": "", "off": ""},
        _first_exact,
    ),
    Feature("chance-exact", {"exact": "the loss ends at that of equal scores", "near": "", "off": ""}, _end_exact),
    Feature(
        "first-size",
        {
            "tiny": "the loss begins very small",
            "usual": "",
            "large": "the loss begins large for a mean per item",
            "huge": "the loss begins in the hundreds",
            "absurd": "the loss begins above 10,000",
        },
        _first_size,
    ),
    Feature(
        "first-loss-times-batch",
        {"times-batch": "the first loss is that of guessing times the batch size", "other": ""},
        _times_batch,
    ),
    Feature(
        "variance",
        {
            "small": "",
            "unit": "",
            "of-batch": "the mean's error is the batch size, not 1",
            "large": "the variance of the targets is far from 1",
        },
        _variance,
    ),
    Feature(
        "opening",
        {
            "leaps": "the loss leaps at the very start",
            "rises": "the loss rises from the start",
            "still": "the loss does not move at the start",
            "creeps": "the loss creeps at the start",
            "falls": "",
            "plunges": "",
        },
        _opening,
    ),
)

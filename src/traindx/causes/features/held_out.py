"""What new data say: the gap between validation and training, and the way it goes."""

from __future__ import annotations

import math

import numpy as np

from traindx.causes.feature import Feature, grade
from traindx.causes.features.progress import course, skill_of, standing
from traindx.causes.sight import Sight, Trace

_GAPS = (
    (-0.4, "far-below"),
    (-0.1, "below"),
    (0.1, "alike"),
    (0.6, "above"),
    (3.0, "far-above"),
)


def _gap(held_out: float, training: float) -> str | None:
    size = max(abs(training), 1e-9)
    return grade((held_out - training) / size, *_GAPS, above="worlds-above")


def _gap_at_end(sight: Sight) -> str | None:
    if sight.train is None or sight.val is None:
        return None
    return _gap(sight.val.end, sight.train.end)


def _gap_at_start(sight: Sight) -> str | None:
    """The first evaluation against the training loss of the same moment."""
    if sight.train is None or sight.val is None:
        return None
    training, held_out = sight.train.reading.series, sight.val.reading.series
    last = int(np.searchsorted(training.steps, float(held_out.steps[0]), side="right"))
    near = training.values[max(0, last - 3) : max(1, last)]
    near = near[np.isfinite(near)]
    return _gap(sight.val.start, float(np.median(near))) if len(near) else None


def _way(trace: Trace) -> str | None:
    """The whole way of a curve that is better when lower: from its start by its best to its end."""
    curve, size = trace.curve, max(abs(trace.start), 1e-12)
    if curve.count < 3:
        return None
    if float(np.ptp(trace.brief)) <= 1e-9 * size:
        return "frozen"
    gained, lost = curve.gained, curve.lost
    if gained <= max(3 * curve.gain_error, 0.01 * size):
        return "rises" if lost > max(5 * curve.error, 0.05 * size) else "flat"
    if lost > max(5 * curve.error, 0.25 * gained):
        return "falls-then-rises"
    return "falls"


def _val_way(sight: Sight) -> str | None:
    return None if sight.val is None else _way(sight.val)


def _val_skill(sight: Sight) -> str | None:
    return standing(skill_of(sight, sight.val))


def _both(sight: Sight) -> str | None:
    """Who has learnt: training, validation, both or neither."""
    learnt = [skill_of(sight, trace, best=True) for trace in (sight.train, sight.val)]
    if any(math.isnan(skill) for skill in learnt):
        return None
    return _WHO[learnt[0] > 0.15, learnt[1] > 0.15]


def _fell(trace: Trace) -> bool:
    """Whether its best level is a twentieth or more below its first point: needs no theory."""
    return trace.curve.best.value < trace.start - max(0.05 * abs(trace.start), 3 * trace.curve.gain_error)


def _who_fell(sight: Sight) -> str | None:
    if sight.train is None or sight.val is None:
        return None
    return _WHO[_fell(sight.train), _fell(sight.val)]


def _val_drop(sight: Sight) -> str | None:
    if sight.val is None or not sight.val.start > 0:
        return None
    share = 1 - sight.val.end / sight.val.start
    return grade(
        share, (-4.0, "explodes"), (-0.1, "grows"), (0.01, "none"), (0.1, "slight"), (0.5, "part"), (0.95, "most"),
        above="nearly-all",
    )  # fmt: skip


def _best_at(sight: Sight) -> str | None:
    if sight.val is None or sight.val.curve.count < 6:
        return None
    curve = sight.val.curve
    return grade(curve.best.last / curve.count, (0.15, "first"), (0.6, "middle"), (0.95, "late"), above="end")


def _jitter(sight: Sight) -> str | None:
    """Noise of one evaluation relative to its level: a thousand samples leave a few per cent."""
    if sight.val is None or sight.val.curve.count < 6:
        return None
    share = sight.val.curve.noise / max(abs(sight.val.end), 1e-9)
    return grade(share, (1e-3, "still"), (0.03, "quiet"), (0.15, "usual"), above="loud")


def _late(sight: Sight) -> str | None:
    if sight.val is None or len(sight.val.brief) < 9:
        return None
    return course(sight.val.brief[-(len(sight.val.brief) // 2) :], sight.val.start)


_WHO = {
    (True, True): "both",
    (True, False): "training-only",
    (False, True): "validation-only",
    (False, False): "neither",
}
_GAP_WORDS = {
    "far-below": "validation is far better than training",
    "below": "validation is better than training",
    "alike": "",
    "above": "",
    "far-above": "validation is far worse than training",
    "worlds-above": "validation is several times worse than training",
}
_WAY_WORDS = {
    "frozen": "the validation loss is the same number at every evaluation",
    "flat": "the validation loss never moved",
    "rises": "the validation loss only rises",
    "falls-then-rises": "the validation loss falls and then rises",
    "falls": "",
}

FEATURES: tuple[Feature, ...] = (
    Feature("gap", _GAP_WORDS, _gap_at_end),
    Feature(
        "gap-at-start",
        {level: words + (" from the first evaluation on" if words else "") for level, words in _GAP_WORDS.items()},
        _gap_at_start,
    ),
    Feature("validation-way", _WAY_WORDS, _val_way),
    Feature(
        "validation-skill",
        {
            "far-worse": "the validation loss ends far above guessing",
            "worse": "the validation loss ends above guessing",
            "none": "the validation loss is at the level of guessing",
            "little": "",
            "some": "",
            "much": "",
            "all": "the validation loss is at its floor",
        },
        _val_skill,
    ),
    Feature(
        "who-learnt",
        {
            "both": "",
            "neither": "neither loss was ever better than guessing",
            "training-only": "training has learnt and validation has not",
            "validation-only": "validation has learnt and training seems not to",
        },
        _both,
    ),
    Feature(
        "who-fell",
        {
            "both": "",
            "neither": "neither loss ever fell",
            "training-only": "the training loss fell and the validation loss did not",
            "validation-only": "the validation loss fell and the training loss did not",
        },
        _who_fell,
    ),
    Feature(
        "validation-drop",
        {
            "explodes": "the validation loss ends several times above its start",
            "grows": "the validation loss ends above its start",
            "none": "the validation loss ends where it began",
            "slight": "",
            "part": "",
            "most": "",
            "nearly-all": "",
        },
        _val_drop,
    ),
    Feature(
        "validation-best-at",
        {"first": "the best validation loss came at the beginning", "middle": "the best validation loss lies long ago",
         "late": "", "end": ""},
        _best_at,
    ),
    Feature("validation-noise", {"still": "", "quiet": "", "usual": "", "loud": "evaluations scatter widely"}, _jitter),
    Feature(
        "validation-late",
        {"falls-fast": "", "falls": "", "flat": "", "rises": "the validation loss rises at the end",
         "rises-fast": "the validation loss rises fast at the end"},
        _late,
    ),
)  # fmt: skip

"""How far the training loss comes, and in what form."""

from __future__ import annotations

import math

import numpy as np

from traindx.causes.feature import NO, Feature, grade
from traindx.causes.sight import Sight, Trace
from traindx.run import Floats
from traindx.signals import trend

_BOUNDED = frozenset(
    {"cross_entropy", "info_nce", "masked_lm", "bce", "mse", "l1", "huber", "smooth_l1", "focal", "dice", "ctc", "dpo"}
)


def skill_of(sight: Sight, trace: Trace | None, *, best: bool = False) -> float:
    """Return 0 for a loss at the best constant guess and 1 for one at its floor, at its end or at its best; NaN where theory knows no level."""
    if trace is None or not sight.trivial > sight.floor:
        return math.nan
    curve = trace.curve
    lucky = not curve.gained > 3 * curve.gain_error  # the best of many levels lies low by luck
    level = curve.best.value if best and not lucky else trace.end
    return (sight.trivial - level) / (sight.trivial - sight.floor)


def standing(skill: float) -> str | None:
    """Name a skill: a few hundredths about 0 are short batches, class frequencies and rounding."""
    return grade(
        skill,
        (-1.0, "far-worse"),
        (-0.05, "worse"),
        (0.04, "none"),
        (0.2, "little"),
        (0.6, "some"),
        (0.97, "much"),
        above="all",
    )


def _skill(sight: Sight) -> str | None:
    return standing(skill_of(sight, sight.train))


def _best_skill(sight: Sight) -> str | None:
    return standing(skill_of(sight, sight.train, best=True))


def _drop(sight: Sight) -> str | None:
    """What the end has lost of the first point; for losses that begin above zero."""
    if sight.train is None or not sight.train.start > 0:
        return None
    share = 1 - sight.train.end / sight.train.start
    return grade(
        share,
        (-4.0, "explodes"),
        (-0.1, "grows"),
        (0.01, "none"),
        (0.1, "slight"),
        (0.5, "part"),
        (0.95, "most"),
        above="nearly-all",
    )


def _kept(sight: Sight) -> str | None:
    """What the end keeps of the best level's gain."""
    if sight.train is None:
        return None
    curve = sight.train.curve
    if not curve.gained > 3 * curve.gain_error:
        return "nothing-gained"
    return grade(curve.lost / curve.gained, (0.1, "kept"), (0.5, "part-lost"), (1.0, "mostly-lost"), above="all-lost")


def _motion(sight: Sight) -> str | None:
    """Whether neighbouring values are one and the same number, as printed."""
    if sight.train is None or len(sight.train.values) < 5:
        return None
    values = sight.train.values[:10_000]
    late = sight.train.values[-min(len(values), 10_000) // 2 :]
    same = _repeated(values), _repeated(late) if len(late) > 2 else 0.0
    if same[0] > 0.98:
        return "frozen"
    return "freezes" if same[1] > 0.98 else "moving"


def _late(sight: Sight) -> str | None:
    """The course of the last third: relative change beyond its error."""
    if sight.train is None or len(sight.train.brief) < 12:
        return None
    return course(sight.train.brief[-(len(sight.train.brief) // 3) :], sight.train.start)


def course(values: np.ndarray, size: float) -> str:
    """Name the way of a stretch: its trend must exceed three errors and one per cent of ``size``."""
    if len(values) < 4 or not np.isfinite(values).all():
        return "flat"
    way = trend(np.clip(values, -1e150, 1e150))
    unit = max(abs(size), float(np.max(np.abs(values))) * 0.1, 1e-12)
    share = way.change / unit
    if abs(way.z) < 3 or abs(share) < 0.01:
        return "flat"
    if share < 0:
        return "falls-fast" if share < -0.1 else "falls"
    return "rises-fast" if share > 0.1 else "rises"


def _half_way(sight: Sight) -> str | None:
    """When half of the whole gain was made: a power law makes it in the first few per cent, a starved step evenly."""
    if sight.train is None or len(sight.train.brief) < 12:
        return None
    brief = sight.train.brief
    start, best = float(np.median(brief[:2])), float(np.min(brief))
    if not start - best > 3 * sight.train.curve.gain_error:
        return None
    at = int(np.argmax(brief <= (start + best) / 2)) / len(brief)
    return grade(at, (0.05, "at-once"), (0.2, "usual"), (0.35, "slowly"), (0.6, "evenly"), above="late")


def _noise(sight: Sight) -> str | None:
    if sight.train is None:
        return None
    size = max(abs(sight.train.end), 1e-9)
    share = sight.train.curve.noise / size
    return grade(
        share, (1e-4, "silent"), (0.005, "faint"), (0.02, "quiet"), (0.12, "usual"), (0.4, "loud"), above="wild"
    )


def _level(sight: Sight) -> str | None:
    """Levels that a loss of its kind can hardly have."""
    if sight.train is None:
        return None
    end = sight.train.end
    if end < -1e-6 and sight.family in _BOUNDED:
        return "below-zero"
    if abs(end) < 1e-9:
        return "zero"
    return "nearly-zero" if 0 < end < 2e-3 else "above-zero"


def _softmax_twice(sight: Sight) -> str | None:
    """Cross-entropy of a softmax taken twice cannot fall under ln(e + C - 1) - 1: scores of 0 and 1 are its logits."""
    classes = sight.number("num_classes")
    if sight.train is None or sight.family != "cross_entropy" or not 2 <= classes <= 1e6:
        return None
    least = math.log(math.e + classes - 1) - 1
    best = sight.train.curve.best.value
    if best < 0.99 * least:
        return "below"
    return "at" if best < 1.05 * least else "near" if best < least + 0.5 * (math.log(classes) - least) else NO


def _repeated(values: Floats) -> float:
    """The share of values that equal the one before."""
    return float(np.count_nonzero(np.diff(values) == 0) / (len(values) - 1))


FEATURES: tuple[Feature, ...] = (
    Feature(
        "skill",
        {
            "far-worse": "the loss ends far above guessing",
            "worse": "the loss ends above guessing",
            "none": "the loss ends at the level of guessing",
            "little": "the loss is hardly better than guessing",
            "some": "",
            "much": "",
            "all": "the loss is at its floor",
        },
        _skill,
    ),
    Feature(
        "best-skill",
        {
            "far-worse": "the loss was never near guessing",
            "worse": "the loss was never as good as guessing",
            "none": "the loss was never better than guessing",
            "little": "",
            "some": "",
            "much": "",
            "all": "",
        },
        _best_skill,
    ),
    Feature(
        "drop",
        {
            "explodes": "the loss ends several times above its start",
            "grows": "the loss ends above its start",
            "none": "the loss ends where it began",
            "slight": "the loss lost under a tenth",
            "part": "",
            "most": "",
            "nearly-all": "the loss lost nearly all of its start",
        },
        _drop,
    ),
    Feature(
        "kept",
        {
            "nothing-gained": "nothing was gained beyond noise",
            "kept": "",
            "part-lost": "part of the gain was lost again",
            "mostly-lost": "most of the gain was lost again",
            "all-lost": "all that was gained was lost",
        },
        _kept,
    ),
    Feature(
        "motion",
        {
            "frozen": "the loss is the same number throughout",
            "freezes": "the loss becomes one constant number",
            "moving": "",
        },
        _motion,
    ),
    Feature(
        "late",
        {
            "falls-fast": "the loss still falls fast at the end",
            "falls": "the loss still falls at the end",
            "flat": "",
            "rises": "the loss rises at the end",
            "rises-fast": "the loss rises fast at the end",
        },
        _late,
    ),
    Feature(
        "half-way",
        {
            "at-once": "half of the gain came at once",
            "usual": "",
            "slowly": "",
            "evenly": "the loss falls evenly, not fast and then slowly",
            "late": "most of the gain came late",
        },
        _half_way,
    ),
    Feature(
        "noise",
        {
            "silent": "the loss has no noise",
            "faint": "the loss has hardly any noise",
            "quiet": "",
            "usual": "",
            "loud": "",
            "wild": "the loss swings wildly",
        },
        _noise,
    ),
    Feature(
        "level",
        {
            "below-zero": "the loss is negative, which it cannot be",
            "zero": "the loss is exactly zero",
            "nearly-zero": "the loss is next to zero",
            "above-zero": "",
        },
        _level,
    ),
    Feature(
        "softmax-twice",
        {
            "at": "the loss rests at the floor of a softmax taken twice",
            "near": "the loss is above the floor of a softmax taken twice",
            "below": "",
            NO: "",
        },
        _softmax_twice,
    ),
)

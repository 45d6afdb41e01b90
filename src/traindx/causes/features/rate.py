"""The learning rate: its height for its optimiser, and its course."""

from __future__ import annotations

import math

import numpy as np

from traindx.causes.feature import NO, Feature, grade
from traindx.causes.sight import Sight

# Rates that published recipes use, in the middle of their range: fresh models lie above, fine-tuning below.
_USUAL = (("adagrad", 1e-2), ("adadelta", 1.0), ("adafactor", 1e-3), ("lion", 1e-4), ("lamb", 2e-3), ("lars", 1.0), ("rmsprop", 1e-3),
          ("muon", 2e-2), ("adam", 5e-4), ("sgd", 5e-2), ("momentum", 5e-2))  # fmt: skip


def _highest(sight: Sight) -> float:
    return float(np.max(sight.rate.brief)) if sight.rate is not None else sight.number("lr")


def _continues(sight: Sight) -> bool:
    """Whether training goes on from a model that can already do something: rates are far lower there."""
    return "preference" in sight.tasks or sight.word("pretrained") not in ("", "false", "0", "none")


def _height(sight: Sight) -> str | None:
    """The highest rate over what is usual for the optimiser; where that is unknown, only what no optimiser uses is unusual."""
    name = sight.word("optimizer")
    usual = next((rate for word, rate in _USUAL if word in name), math.nan)
    highest = _highest(sight)
    if math.isnan(highest):
        return None
    if highest <= 0:
        return "zero"
    if math.isnan(
        usual
    ):  # between the lowest rate of fine-tuning by Adam and the highest of plain descent, nothing is unusual
        return grade(
            math.log10(highest), (-6.5, "far-low"), (-5.0, "low"), (-0.3, "usual"), (0.7, "high"), above="far-high"
        )
    gentle = 1.5 if _continues(sight) else 0.0
    return grade(
        math.log10(highest / usual) + gentle,
        (-2.5, "far-low"),
        (-1.3, "low"),
        (1.2, "usual"),
        (1.9, "high"),
        above="far-high",
    )


def _zero(sight: Sight) -> str | None:
    """How much of the run has a rate of zero (or a ten-thousandth of its highest)."""
    if sight.rate is None:
        return None
    highest = float(np.max(sight.rate.brief))
    if highest <= 0:
        return "always"
    idle = float(np.mean(sight.rate.brief < 1e-4 * highest))
    return grade(idle, (0.03, NO), (0.15, "at-end"), above="long")


def _begin(sight: Sight) -> str | None:
    if sight.rate is None or len(sight.rate.brief) < 4 or not float(np.max(sight.rate.brief)) > 0:
        return None
    first = sight.rate.start / float(np.max(sight.rate.brief))
    return grade(first, (0.5, "warm-up"), (0.95, "short-warm-up"), above="at-full")


def _finish(sight: Sight) -> str | None:
    if sight.rate is None or len(sight.rate.brief) < 4 or not float(np.max(sight.rate.brief)) > 0:
        return None
    last = sight.rate.end / float(np.max(sight.rate.brief))
    return grade(last, (0.002, "zero"), (0.2, "low"), (0.95, "part"), above="full")


def _course(sight: Sight) -> str | None:
    if sight.rate is None or len(sight.rate.brief) < 4:
        return None
    brief = sight.rate.brief
    if float(np.ptp(brief)) <= 1e-9 * float(np.max(np.abs(brief))):
        return "constant"
    peak = int(np.argmax(brief))
    climbs = np.diff(brief[peak:])
    if bool((climbs > 0.2 * brief[peak]).any()):
        return "restarts"
    return "only-rises" if peak == len(brief) - 1 else "decays"


def _as_told(sight: Sight) -> str | None:
    """Whether the rate moves as the schedule in the settings says."""
    told, course = sight.word("schedule"), _course(sight)
    if not told or course is None:
        return None
    still = any(word in told for word in ("constant", "none", "plateau"))
    return "as-told" if still == (course == "constant") else "still" if course == "constant" else "moves"


def _against_told(sight: Sight) -> str | None:
    """The highest logged rate over the one in the settings: a warm-up that is never stepped stays at its first value."""
    fact = sight.facts.get("lr")
    if sight.rate is None or fact is None or fact.origin == "inferred" or not sight.number("lr") > 0:
        return None
    share = float(np.max(sight.rate.brief)) / sight.number("lr")
    return grade(share, (0.05, "never"), (0.5, "partly"), above="reached")


def _done_early(sight: Sight) -> str | None:
    """Where a rate that ends under a hundredth of its highest got there."""
    if sight.rate is None or len(sight.rate.brief) < 8:
        return None
    brief, highest = sight.rate.brief, float(np.max(sight.rate.brief))
    if not highest > 0 or brief[-1] >= 0.01 * highest:
        return NO
    last = int(np.flatnonzero(brief >= 0.01 * highest)[-1]) / len(brief)
    return grade(last, (0.5, "by-half"), (0.85, "early"), above="at-end")


FEATURES: tuple[Feature, ...] = (
    Feature(
        "rate-height",
        {
            "zero": "the learning rate is zero",
            "far-low": "the learning rate is hundreds of times below the usual",
            "low": "the learning rate is low",
            "usual": "",
            "high": "the learning rate is high",
            "far-high": "the learning rate is a hundred times the usual or more",
        },
        _height,
    ),
    Feature(
        "rate-zero",
        {NO: "", "at-end": "", "long": "the learning rate stands at zero for long", "always": "the learning rate is zero throughout"},
        _zero,
    ),
    Feature(
        "rate-begins",
        {"warm-up": "", "short-warm-up": "", "at-full": "the learning rate is at its full height from the first step"},
        _begin,
    ),
    Feature(
        "rate-ends",
        {"zero": "", "low": "", "part": "", "full": "the learning rate ends at its full height"},
        _finish,
    ),
    Feature(
        "rate-course",
        {"constant": "the learning rate never changes", "decays": "", "only-rises": "the learning rate only rises",
         "restarts": "the learning rate jumps up again"},
        _course,
    ),
    Feature(
        "rate-as-told",
        {"as-told": "", "still": "the settings name a schedule, and the learning rate never changes", "moves": ""},
        _as_told,
    ),
    Feature(
        "rate-reached",
        {"never": "the learning rate never comes near the one in the settings", "partly": "", "reached": ""},
        _against_told,
    ),
    Feature(
        "rate-done",
        {NO: "", "by-half": "the schedule is over before half of the run", "early": "the schedule ends before the run", "at-end": ""},
        _done_early,
    ),
)  # fmt: skip

"""How a run breaks: what is not finite, leaps, lasting shifts."""

from __future__ import annotations

import numpy as np

from traindx.causes.feature import NO, Feature, grade
from traindx.causes.sight import Sight, Trace

_BLOCKS = 1_000


def _not_finite(sight: Sight) -> str | None:
    """Where the first NaN or infinity of the training loss (else of validation) stands, and whether finite values follow."""
    trace = sight.train or sight.val
    if trace is None:
        return None
    if trace.first_bad < 0:
        return NO
    size = len(trace.values)
    if bool(np.isfinite(trace.values[trace.first_bad :]).any()):
        return "scattered"
    return grade(trace.first_bad / size, (0.02, "at-start"), (0.25, "early"), above="late")


def _before(sight: Sight) -> str | None:
    """Whether the loss had grown before it broke."""
    trace = sight.train or sight.val
    if trace is None or trace.first_bad < 3:
        return None
    before = trace.values[max(0, trace.first_bad - 5) : trace.first_bad]
    best = trace.curve.best.value
    ratio = float(np.max(np.abs(before))) / max(abs(best), 1e-12)
    return grade(ratio, (1.3, "calm"), (3.0, "rising"), above="exploding")


def _all_bad(sight: Sight) -> str | None:
    losses = [r for r in sight.readings if r.role.kind == "loss" and len(r.series)]
    if not losses:
        return None
    return "all" if all(r.curve is None for r in losses) else NO


def _leaps(sight: Sight) -> str | None:
    """In how many stretches of the training loss one point stands far above the others."""
    if sight.train is None or len(sight.train.values) < 40:
        return None
    values = np.nan_to_num(np.clip(sight.train.values, -1e150, 1e150), nan=sight.train.end)
    width = max(10, len(values) // _BLOCKS)
    kept = values[: len(values) // width * width].reshape(-1, width)
    thin = np.median(kept[:, :: 1 + width // 40], axis=1)
    out = kept.max(axis=1) - thin > np.maximum(0.5 * np.abs(thin), 10 * np.nan_to_num(sight.train.curve.noise))
    count = int(np.count_nonzero(out[1:]))
    return grade(count, (1, NO), (3, "few"), (0.15 * len(out) + 3, "some"), above="many")


def _shift(sight: Sight) -> str | None:
    return None if sight.train is None else shift_of(sight.train)


def shift_of(trace: Trace) -> str | None:
    """The largest rise of the level from one stretch to the next after the start, and whether it lasted."""
    brief = trace.brief
    width = max(3, len(brief) // 20)
    if len(brief) < 5 * width:
        return None
    starts = np.arange(width, len(brief) - 2 * width + 1)
    levels = np.median(np.lib.stride_tricks.sliding_window_view(brief, width), axis=1)
    rise = levels[starts + width] - levels[starts]
    at = int(np.argmax(rise))
    sizes = max(trace.curve.gained, 0.02 * abs(trace.start), 1e-12)
    noise = float(np.nan_to_num(trace.curve.noise)) / np.sqrt(width)
    if not rise[at] > max(0.15 * sizes, 5 * noise):
        return NO
    before, after = levels[starts[at]], float(np.median(brief[-width:]))
    return "recovers" if after < before + 0.3 * rise[at] else "lasts"


FEATURES: tuple[Feature, ...] = (
    Feature(
        "not-finite",
        {
            NO: "",
            "at-start": "the loss is not finite from the first points on",
            "early": "the loss stops being finite early",
            "late": "the loss stops being finite late",
            "scattered": "single losses are not finite, and finite ones follow",
        },
        _not_finite,
    ),
    Feature(
        "before-not-finite",
        {
            "calm": "the loss was calm before it broke",
            "rising": "the loss was rising before it broke",
            "exploding": "the loss was exploding before it broke",
        },
        _before,
    ),
    Feature("nothing-finite", {"all": "no loss has a finite value", NO: ""}, _all_bad),
    Feature(
        "leaps",
        {NO: "", "few": "single losses leap far above their level", "some": "many losses leap far above their level",
         "many": "losses leap far above their level all the time"},
        _leaps,
    ),
    Feature(
        "shift",
        {NO: "", "recovers": "the loss jumped up and came back", "lasts": "the loss jumped up and stayed"},
        _shift,
    ),
)  # fmt: skip

"""What the optimiser does: gradient norms, clipping, norms of weights and updates, units that are dead."""

from __future__ import annotations

import math

import numpy as np

from traindx.causes.feature import NO, Feature, grade
from traindx.causes.sight import Sight, Trace


def _size(sight: Sight) -> str | None:
    if sight.gradient is None:
        return None
    return grade(
        float(np.median(sight.gradient.brief)),
        (1e-12, "zero"),
        (1e-4, "vanishing"),
        (0.02, "small"),
        (0.2, "modest"),
        (20.0, "usual"),
        (1e3, "large"),
        above="huge",
    )


def _growth(trace: Trace | None, least: int = 8) -> float:
    """The decimal logarithm of the last tenth's level over the first tenth's; NaN where it cannot be taken."""
    if trace is None or len(trace.brief) < least:
        return math.nan
    tenth = max(2, len(trace.brief) // 10)
    first, last = float(np.median(trace.brief[:tenth])), float(np.median(trace.brief[-tenth:]))
    return math.log10(last) - math.log10(first) if 0 < first < math.inf and 0 < last < math.inf else math.nan


def _way(sight: Sight) -> str | None:
    return grade(
        _growth(sight.gradient),
        (-1.5, "falls-far"),
        (-0.4, "falls"),
        (0.4, "steady"),
        (1.2, "grows"),
        above="grows-far",
    )


def _constant(sight: Sight) -> str | None:
    """A norm that does not scatter at all is taken after clipping, or is no norm of fresh gradients."""
    if sight.gradient is None or len(sight.gradient.brief) < 5:
        return None
    brief = sight.gradient.brief
    level = float(np.median(brief))
    scatter = float(np.median(np.abs(brief - level))) / max(abs(level), 1e-12)
    return grade(scatter, (1e-3, "constant"), (0.05, "narrow"), above="scatters")


def _bursts(sight: Sight) -> str | None:
    if sight.gradient is None or len(sight.gradient.values) < 20:
        return None
    brief = sight.gradient.brief
    level = float(np.median(brief))
    return grade(float(np.max(brief)) / level if level > 0 else math.nan, (5, NO), (50, "some"), above="large")


def _clipped(sight: Sight) -> str | None:
    """The share of steps that clipping shortened, logged or counted."""
    logged, limit = sight.first("clip_rate"), sight.number("clip_norm")
    share = math.nan
    if logged is not None:
        share = float(np.median(logged.brief)) / (100 if float(np.max(logged.brief)) > 1.5 else 1)
    elif sight.gradient is not None and limit > 0:
        share = float(np.mean(sight.gradient.brief > 1.001 * limit))
    return grade(share, (0.05, NO), (0.5, "some"), (0.95, "most"), above="all")


def _clip_limit(sight: Sight) -> str | None:
    return grade(sight.number("clip_norm"), (1e-12, "off"), (0.01, "tiny"), (0.09, "small"), above="usual")


def _weights(sight: Sight) -> str | None:
    trace = sight.first("weight_norm")
    if trace is not None and float(np.ptp(trace.brief)) <= 1e-9 * abs(trace.start):
        return "constant"
    return grade(
        _growth(trace, 4), (-0.3, "shrink-far"), (-0.05, "shrink"), (0.05, "steady"), (0.5, "grow"), above="grow-far"
    )


def _updates(sight: Sight) -> str | None:
    trace = sight.first("update_norm")
    size = math.nan if trace is None else float(np.median(trace.brief))
    return grade(size, (1e-12, "zero"), (1e-5, "tiny"), above="usual")


def _dead(sight: Sight) -> str | None:
    trace = sight.first("zero_gradients", "sparsity")
    share = math.nan if trace is None else trace.end
    return grade(share / (100 if share > 1.5 else 1), (0.6, "few"), (0.95, "many"), above="all")


_RUNAWAY = 1e9  # a scale that half precision (up to 65,504) can hold only for gradients below 1e-4 each


def _scale(sight: Sight) -> str | None:
    trace = sight.first("loss_scale")
    if trace is not None and float(np.max(trace.brief)) > _RUNAWAY:
        return "runaway"
    if trace is not None and trace.start > 0 >= trace.end:
        return "falls"
    return grade(_growth(trace, 4), (-0.5, "falls"), (0.2, "steady"), above="grows")


FEATURES: tuple[Feature, ...] = (
    Feature(
        "gradient-size",
        {
            "zero": "the gradient norm is zero",
            "vanishing": "the gradient norm is next to zero",
            "small": "",
            "modest": "",
            "usual": "",
            "large": "the gradient norm is large",
            "huge": "the gradient norm is beyond 1,000",
        },
        _size,
    ),
    Feature(
        "gradient-way",
        {
            "falls-far": "the gradient norm dies away",
            "falls": "",
            "steady": "",
            "grows": "the gradient norm grows",
            "grows-far": "the gradient norm grows tenfold or more",
        },
        _way,
    ),
    Feature(
        "gradient-scatter",
        {
            "constant": "the gradient norm is one constant number",
            "narrow": "the gradient norm hardly scatters",
            "scatters": "",
        },
        _constant,
    ),
    Feature(
        "gradient-bursts",
        {NO: "", "some": "the gradient norm bursts", "large": "the gradient norm bursts fiftyfold"},
        _bursts,
    ),
    Feature(
        "clipped",
        {NO: "", "some": "", "most": "most steps are clipped", "all": "every step is clipped"},
        _clipped,
    ),
    Feature(
        "clip-limit",
        {"off": "", "tiny": "gradients are clipped to a tiny norm", "small": "", "usual": ""},
        _clip_limit,
    ),
    Feature(
        "weights",
        {
            "constant": "the weight norm never changes",
            "shrink-far": "the weights shrink by half or more",
            "shrink": "the weights shrink",
            "steady": "",
            "grow": "",
            "grow-far": "the weights grow threefold or more",
        },
        _weights,
    ),
    Feature("updates", {"zero": "the updates are zero", "tiny": "the updates are tiny", "usual": ""}, _updates),
    Feature("dead-units", {"few": "", "many": "most units are dead", "all": "nearly all units are dead"}, _dead),
    Feature(
        "loss-scale",
        {
            "runaway": "the loss scale grows beyond all bounds",
            "falls": "the loss scale falls",
            "steady": "",
            "grows": "",
        },
        _scale,
    ),
)

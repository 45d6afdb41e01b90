"""Has anything been learnt? What a run without findings shows for itself, from very little up to whole curves."""

from __future__ import annotations

import math

import numpy as np

from traindx.context import FACTS, GAMES, LOSS_FAMILY, LOSSES, MAIN_METRIC, METRICS, VAL_LOSS, Case, Reading, has_task
from traindx.signals import change, exponential, trend

FEW_POINTS = 5
SURE_Z = 4.0
KEPT = 0.25
LEAST = 0.05
"""A twentieth of its start is the least that a loss of a run that learns anything comes down by: seeds alone move the end by a fiftieth."""
_TREND_POINTS = 8
# Untrained models cost ln 2 and more in nats, about 1 on standardised targets, about a margin in distances.
_UNTRAINED = 0.1
_SOFTMAX = ("cross_entropy", "info_nce", "masked_lm")
# Scores with the scale of a share: a gain is counted against the whole of it, since the first level may be next to nothing.
_SHARES = frozenset(
    {
        "accuracy",
        "token_accuracy",
        "balanced_accuracy",
        "average_precision",
        "map",
        "auroc",
        "f1",
        "dice",
        "iou",
        "recall_at_k",
        "hit_rate",
        "recall",
        "precision",
        "mrr",
        "ndcg",
        "exact_match",
        "success_rate",
        "mcc",
        "kappa",
        "r2",
        "pearson",
        "spearman",
    }
)


def points_of(case: Case) -> int:
    """Return how many points the longest loss or metric has."""
    readings = (*(case.get(LOSSES) or ()), *(case.get(METRICS) or ()))
    return max((r.curve.count for r in readings if r.curve is not None), default=0)


def plainly_learnt(case: Case) -> str | None:
    """A sentence where even the lowest chance level there is (two candidates, ln 2) has been left far behind; else None.

    A softmax loss under half of ln 2 gives the right answer more than 70 % of the probability: few points suffice.
    """
    if (case.get(LOSS_FAMILY) or "") not in ("cross_entropy", "info_nce", "masked_lm"):
        return None
    losses = [r for r in case.get(LOSSES) or () if r.curve is not None and 0 < r.curve.end.value < 0.5 * math.log(2)]
    best = min(losses, key=lambda r: r.curve.end.value if r.curve else 0.0, default=None)
    if best is None or best.curve is None or points_of(case) >= FEW_POINTS:
        return None
    value = best.curve.end.value
    easy = (
        "; measured inside a batch it will saturate: rank against the whole gallery"
        if case.get(LOSS_FAMILY) == "info_nce"
        else ""
    )
    return f"{best.name} is {value:.4g}: {100 * exponential(-value):.0f} % probability on the right answer, far below ln 2 = 0.6931, the lowest level of guessing there is{easy}"


def steadily_better(case: Case) -> str | None:
    """A sentence where three or four points are enough, because every one of them is better than the one before.

    Four points fall in a row by luck once in twenty-four, three once in six: half the loss gone, or a second
    series that improves at each of its points as well, makes up for what the count cannot say.
    """
    if points_of(case) >= FEW_POINTS or has_task(case, GAMES):
        return None
    better = [r for r in (*(case.get(LOSSES) or ()), *(case.get(METRICS) or ())) if _every_point_better(r)]
    loss = next((r for r in better if r.role.kind == "loss" and not r.role.component), None)
    if loss is None:
        return None
    values = loss.series.finite().values
    others = [r for r in better if r is not loss and (r.role.kind != "loss" or r.role.split != loss.role.split)]
    halved = len(values) >= 4 and 0 <= values[-1] < 0.5 * values[0]
    if not halved and not others:
        return None
    beside = f", and {others[0].name} improved at each of its own" if others else ""
    return f"{loss.name} fell from {values[0]:.4g} to {values[-1]:.4g} at each of its {len(values)} points{beside}; no rule found a fault. So few points tell no more than that it learns"


def _every_point_better(reading: Reading) -> bool:
    values = reading.series.finite().values
    sign = {"lower": 1.0, "higher": -1.0}.get(reading.role.direction or "", 0.0)
    return len(values) >= 3 and sign != 0.0 and bool((sign * np.diff(values) < 0).all())


def witnesses(case: Case, loss: Reading) -> list[Reading]:
    """Series that may speak where the judged loss is all noise: the validation loss, means of training, task metrics.

    Fewer than five points are no witness: they improve by luck too often.
    """
    main, val = case.get(MAIN_METRIC), case.get(VAL_LOSS)
    if val is not None and val.curve is not None and val.curve.lost > max(val.curve.error, KEPT * val.curve.gained):
        return []  # what training gains there, new data lose
    found = [r for r in (val, *(case.get(LOSSES) or ()), main, *alike(case, main)) if r is not None and r is not loss]
    return [r for r in found if r.curve is not None and r.curve.count >= FEW_POINTS]


def alike(case: Case, main: Reading | None) -> list[Reading]:
    """Whole metrics of the kind of the main one, not terms of it: one of many rewards may rise while their sum does not."""
    metrics = case.get(METRICS) or ()
    return [r for r in metrics if main is not None and r.role.kind == main.role.kind and r.role.component is None]


def improved(reading: Reading) -> bool:
    """Whether a curve ended better than it began, and kept it: by its ends, else (under uneven noise) as a whole.

    The ends alone miss a curve whose noise grows as it rises, such as returns: the scatter of its later levels is
    then taken for the scatter of the first. Thirds and slopes of all points do not.
    """
    curve, values = reading.curve, reading.series.finite().values
    if curve is None:
        return False
    if curve.sign * (curve.start.value - curve.end.value) > 3 * curve.gain_error:
        return True
    if curve.lost > max(KEPT * curve.gained, 3 * curve.error):
        return False
    slow = change(values)
    whole = trend(values).z if len(values) >= _TREND_POINTS else 0.0
    return (slow is not None and curve.sign * slow.z < -SURE_Z) or curve.sign * whole < -SURE_Z


def hardly_moved(case: Case, loss: Reading) -> bool:
    """Whether neither the judged loss, nor that of validation, nor any metric came far enough to be called learning.

    A run that began with what another had learnt (pretrained weights, a log that begins late, a softmax loss under the
    cheapest guess, any loss far under what untrained models cost) has little way left, and one on a loss of drawn noise
    levels shows none.
    """
    start = loss.curve.start.value if loss.curve is not None else float("nan")
    pretrained = (case.get(FACTS) or {}).get("pretrained")
    good = start < (math.log(2) if (case.get(LOSS_FAMILY) or "") in _SOFTMAX else _UNTRAINED)
    if not start > 0 or good or (pretrained is not None and bool(pretrained.value)) or _begins_late(loss):
        return False
    if has_task(case, {"diffusion"}):
        return False
    losses = [r for r in (loss, case.get(VAL_LOSS)) if r is not None]
    return not any(_fell(r) for r in losses) and not any_gain(case)


def any_gain(case: Case) -> bool:
    """Whether any metric shows plainly that something was learnt."""
    return any(gained_plainly(r) for r in (case.get(METRICS) or ())[:50])


def gained_plainly(reading: Reading) -> bool:
    """Whether a metric ended better than it began, beyond its noise and by a twentieth of its scale or its start."""
    curve = reading.curve
    if curve is None or curve.count < FEW_POINTS or reading.role.direction is None or not improved(reading):
        return False
    gain = curve.sign * (curve.start.value - curve.end.value)
    return gain > LEAST * (reading.full if reading.role.kind in _SHARES else abs(curve.start.value))


def _fell(reading: Reading) -> bool:
    """Whether a loss came down by a twentieth, from its first point, its first level or its first third."""
    values = reading.series.finite().values
    curve, third = reading.curve, max(1, len(values) // 3)
    if curve is None or not bool((values > 0).all()):
        return True  # no share of a start that may be anything
    before = max(float(values[0]), curve.start.value) if curve.count < 2 * _TREND_POINTS else curve.start.value
    pairs = ((before, curve.end.value), (float(np.median(values[:third])), float(np.median(values[-third:]))))
    return any(last < (1 - LEAST) * first for first, last in pairs)


def _begins_late(reading: Reading) -> bool:
    """Whether the log of a run leaves out its beginning: the first step lies beyond its first tenth."""
    series = reading.series
    axis = series.steps if series.has_steps else series.epochs
    known = axis[np.isfinite(axis)]
    return len(known) > 1 and float(known[0]) > max(1.0, 0.1 * float(np.max(known)))

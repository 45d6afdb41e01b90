"""The number of classes of a classifier that guesses, from its loss and its accuracy together."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import cast

from traindx.context.curves import METRICS, TRAIN_LOSS, VAL_LOSS, Reading
from traindx.context.keys import Fact
from traindx.context.roles import Role

_FAMILIES = frozenset({"cross_entropy", "bce"})
# A guessing softmax may stand above ln C (confident mistakes), never lastingly below it. Always the same
# answer is right as often as its class occurs: three tenths off 1/C in balanced sets of a hundred answers for ten
# classes. Beyond that, as much as accuracy's own noise tells, up to half.
_ABOVE, _BELOW, _SCATTER, _MOST_SCATTER = 0.06, 0.01, 0.3, 0.5
_TWO_SCATTER = 0.05
_MOST = 2_000
# Sizes that people build data sets with: taken where several numbers fit.
_USUAL = (2, 10, 100, 1000, 5, 4, 3, 20, 6, 7, 8, 50, 200)


def infer_num_classes(values: Mapping[str, object], family: str | None) -> Fact | None:
    """Return the number of classes C where loss >= ln C and accuracy = 1/C hold together, in training or validation.

    A model that has learnt anything is right far more often than exp(-loss), because the mean of the probabilities of the
    right class is never below its geometric mean (Jensen); both at once are what guessing looks like.
    """
    if family not in _FAMILIES:
        return None
    accuracies = _plain_accuracies(values.get(METRICS.name))
    for name, split in ((TRAIN_LOSS.name, (None, "train")), (VAL_LOSS.name, ("val", "test"))):
        loss = values.get(name)
        accuracy = next((r for r in accuracies if r.role.split in split), None)
        fact = _together(loss, accuracy) if isinstance(loss, Reading) and accuracy is not None else None
        if fact is not None:
            return fact
    return None


def _plain_accuracies(metrics: object) -> list[Reading]:
    readings = cast("tuple[Reading, ...]", metrics) if isinstance(metrics, tuple) else ()
    return [r for r in readings if r.curve is not None and _is_top_one(r.role)]


def _is_top_one(role: Role) -> bool:
    return role.kind == "accuracy" and role.component is None and role.k in (None, 1)


def _together(loss: Reading, accuracy: Reading) -> Fact | None:
    if loss.curve is None or accuracy.curve is None or min(loss.curve.count, accuracy.curve.count) < 3:
        return None
    percent = accuracy.role.unit == "percent" or accuracy.curve.best.value > 1.0
    full = 100.0 if percent else 1.0
    right, noise = accuracy.curve.end.value / full, 3 * accuracy.curve.error / full
    now = loss.curve.end.value
    if not (right > 1 / _MOST and now > 0):
        return None
    near = range(max(2, math.floor(0.5 / right)), math.ceil(2 / right) + 1)
    fitting = [c for c in near if _guesses(c, right, noise, now)]
    if not fitting:
        return None
    chosen = next((c for c in _USUAL if c in fitting), min(fitting, key=lambda c: abs(1 / c - right)))
    why = f"{loss.name} stands at {now:.4g} and {accuracy.name} at {right:.3g}: ln {chosen} = {math.log(chosen):.4g} and 1/{chosen}"
    return Fact("num_classes", chosen, "inferred", why)


def _guesses(classes: int, right: float, noise: float, now: float) -> bool:
    """Whether loss and accuracy at the end are those of guessing among so many classes."""
    uniform = math.log(classes)
    usual = _SCATTER / classes if classes > 2 else _TWO_SCATTER
    slack = max(usual, min(noise, _MOST_SCATTER / classes))
    return uniform * (1 - _BELOW) <= now <= uniform * (1 + _ABOVE) and abs(right - 1 / classes) <= slack

"""What a metric is worth to a model that knows nothing, and how wide its scale is."""

from __future__ import annotations

from typing import Final

from traindx.context import Reading

# Shares and scores whose value for a model that knows nothing is near zero, and rates whose value is near one.
FROM_ZERO: Final = frozenset(
    {
        "accuracy",
        "balanced_accuracy",
        "map",
        "average_precision",
        "dice",
        "iou",
        "recall_at_k",
        "hit_rate",
        "mrr",
        "ndcg",
        "bleu",
        "rouge",
        "f1",
        "exact_match",
        "recall",
        "precision",
        "success_rate",
        "mcc",
        "kappa",
    }
)
FROM_ONE: Final = frozenset({"wer", "cer", "error_rate"})
# Shares of the variance or of the order: 0 for a model that ignores its input, and below for one that is worse.
UNRELATED: Final = frozenset({"r2", "pearson", "spearman"})


def level_of_nothing(reading: Reading, classes: int | None) -> float:
    """The level of knowing nothing: known for shares and rates, else the start of the curve."""
    curve = reading.curve
    assert curve is not None
    if reading.role.kind == "accuracy" and classes and classes > 1 and not reading.role.component:
        return width_of(reading) * min(1.0, (reading.role.k or 1) / classes)
    if reading.role.kind in FROM_ZERO | UNRELATED:
        return 0.0
    if reading.role.kind == "auroc":
        return 0.5 * width_of(reading)
    if reading.role.kind in FROM_ONE:
        return 100.0 if max(curve.start.value, curve.end.value) > 2.5 else 1.0
    return curve.start.value


def width_of(reading: Reading) -> float:
    """The width of the metric: 1 or 100 for shares and rates, else its own largest level."""
    curve = reading.curve
    assert curve is not None
    highest = max(abs(curve.best.value), abs(curve.start.value), abs(curve.end.value))
    if reading.role.kind in UNRELATED:
        return 1.0
    if reading.role.kind not in FROM_ZERO | FROM_ONE | {"auroc"}:
        return highest
    return 100.0 if reading.role.unit == "percent" or highest > 2.5 else 1.0

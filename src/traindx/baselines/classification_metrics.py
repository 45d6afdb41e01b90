"""Classification metrics at chance and for the best constant answer, and the interval of a share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

from traindx.baselines.arithmetic import at_least, fraction, normalised, positive, shown
from traindx.baselines.baseline import Baseline, Rung


def _share(rung: Rung, value: float, formula: str, meaning: str, source: str, conditions: str = "") -> Baseline:
    return Baseline(
        rung=rung, value=value, unit="fraction", formula=formula, meaning=meaning, source=source, conditions=conditions
    )


def accuracy_chance(num_classes: int, k: int = 1) -> Baseline:
    """Return top-k accuracy of random guesses: k/C.

    >>> accuracy_chance(1000, 5).value
    0.005
    """
    at_least(1, num_classes=num_classes, k=k)
    value = min(1.0, k / num_classes)
    return _share("chance", value, f"{k}/{num_classes}", "guessing at random", "definition", "whatever the class sizes")


def accuracy_trivial(prior: Sequence[float], k: int = 1) -> Baseline:
    """Return the accuracy of always answering the k commonest classes: the sum of their shares.

    >>> accuracy_trivial([0.9, 0.1]).value
    0.9
    """
    at_least(1, k=k)
    value = min(1.0, math.fsum(sorted(normalised(prior), reverse=True)[:k]))
    return _share("trivial", value, shown(value), "always answering the commonest class", "definition")


def proportional_accuracy(prior: Sequence[float]) -> Baseline:
    """Return the accuracy of guessing each class as often as it occurs: sum p^2.

    >>> round(proportional_accuracy([0.9, 0.1]).value, 4)
    0.82
    """
    value = math.fsum(p * p for p in normalised(prior))
    return _share("chance", value, "Σp²", "guessing each class as often as it occurs", "derived: two independent draws")


def balanced_accuracy_chance(num_classes: int) -> Baseline:
    """Return balanced accuracy (mean recall over classes) of any constant or random answer: 1/C.

    >>> balanced_accuracy_chance(10).value
    0.1
    """
    at_least(1, num_classes=num_classes)
    meaning = "any answer that ignores the input"
    return _share("chance", 1 / num_classes, f"1/{num_classes}", meaning, "derived: the recalls of one answer sum to 1")


def auroc_chance() -> Baseline:
    """Return the area under the ROC curve of random scores: 1/2, whatever the share of positives.

    >>> auroc_chance().value
    0.5
    """
    meaning = "scores that ignore the input"
    return _share("chance", 0.5, "1/2", meaning, "derived: a positive outranks a negative half the time")


def auroc_standard_error(positives: int, negatives: int) -> float:
    """Return the standard error of the AUROC at chance: sqrt((p + n + 1)/(12 p n)) (Mann and Whitney).

    >>> round(auroc_standard_error(50, 50), 4)
    0.058
    """
    at_least(1, positives=positives, negatives=negatives)
    return math.sqrt((positives + negatives + 1) / (12 * positives * negatives))


def auprc_chance(pos: float) -> Baseline:
    """Return the area under the precision-recall curve of random scores: the share of positives.

    >>> auprc_chance(0.02).value
    0.02
    """
    fraction(pos=pos)
    meaning = "scores that ignore the input"
    return _share("chance", pos, shown(pos), meaning, "derived: precision is the share of positives at every threshold")


def kappa_chance() -> Baseline:
    """Return Cohen's kappa, and Matthews' correlation, of answers that ignore the input: 0.

    >>> kappa_chance().value
    0.0
    """
    return _share(
        "chance", 0.0, "0", "agreement no better than by accident", "definition of kappa and of a correlation"
    )


def f1_trivial(pos: float) -> Baseline:
    """Return F1 of always answering positive: precision pos, recall 1, hence 2 pos/(1 + pos).

    No constant rate of positive answers q does better: 2 q pos/(q + pos) grows with q.

    >>> round(f1_trivial(0.1).value, 4)
    0.1818
    """
    fraction(pos=pos)
    return _share(
        "trivial", 2 * pos / (1 + pos), f"2·{shown(pos)}/(1 + {shown(pos)})", "always answering positive", "derived"
    )


def brier_chance(num_classes: int) -> Baseline:
    """Return the Brier score, summed over classes, of equal probabilities: 1 - 1/C.

    >>> brier_chance(10).value
    0.9
    """
    at_least(1, num_classes=num_classes)
    value, formula = 1 - 1 / num_classes, f"1 - 1/{num_classes}"
    source = "derived: (1-1/C)² + (C-1)/C²"
    return _share("chance", value, formula, "equal probabilities", source, "sum over classes; binary one-sided: 1/4")


def brier_trivial(prior: Sequence[float]) -> Baseline:
    """Return the Brier score, summed over classes, of the class frequencies: 1 - sum p^2.

    >>> round(brier_trivial([0.9, 0.1]).value, 4)
    0.18
    """
    value = 1 - math.fsum(p * p for p in normalised(prior))
    return _share("trivial", value, "1 - Σp²", "always answering the class frequencies", "derived", "sum over classes")


def wilson_interval(hits: float, trials: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return Wilson's interval of a share: it covers honestly where hits are few, unlike p ± z sqrt(p(1-p)/n).

    >>> [round(b, 4) for b in wilson_interval(1, 446)]
    [0.0004, 0.0126]
    """
    at_least(1, trials=trials)
    at_least(0, hits=hits)
    at_least(hits, trials=trials)
    positive(confidence=confidence, complement=1 - confidence)
    z2 = NormalDist().inv_cdf(0.5 + confidence / 2) ** 2
    share = hits / trials
    middle = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    half = math.sqrt(z2 * (share * (1 - share) / trials + z2 / (4 * trials**2))) / (1 + z2 / trials)
    return max(0.0, middle - half), min(1.0, middle + half)


def calibrated_loss_ceiling(accuracy: float, num_classes: int) -> float:
    """Return the highest cross-entropy that a model with honest probabilities can have at this accuracy, in nats.

    A model whose probabilities are true pays, for each example, the entropy of its answer: at most h(c) + (1-c) ln(C-1) where
    its top probability is c (h: entropy of a coin). That is concave in c, and the mean of c is the accuracy, so by Jensen
    the loss is at most h(a) + (1-a) ln(C-1). A loss above it proves overconfidence.

    >>> [round(calibrated_loss_ceiling(a, 10), 3) for a in (0.1, 0.6, 0.9)]
    [2.303, 1.552, 0.545]
    """
    at_least(2, num_classes=num_classes)
    fraction(accuracy=accuracy)
    coin = -sum(p * math.log(p) for p in (accuracy, 1 - accuracy) if p > 0)
    return coin + (1 - accuracy) * math.log(num_classes - 1)

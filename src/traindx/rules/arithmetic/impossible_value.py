"""MET001: a metric has a value that it cannot have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from traindx.context import FACTS, JUDGED_LOSS, LOSS_FAMILY, READINGS, Case, Reading
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.rules.rule import Rule, RuleMeta

# (kinds, lowest, highest as a fraction or None, why)
_BOUNDS: tuple[tuple[frozenset[str], float | None, float | None, str], ...] = (
    (
        frozenset(
            {
                "accuracy",
                "balanced_accuracy",
                "token_accuracy",
                "error_rate",
                "precision",
                "recall",
                "f1",
                "auroc",
                "auprc",
                "recall_at_k",
                "hit_rate",
                "mrr",
                "ndcg",
                "map",
                "average_precision",
                "dice",
                "iou",
                "exact_match",
            }
        ),
        0.0,
        1.0,
        "a share lies between 0 and 1 (or 0 and 100 %)",
    ),
    (frozenset({"perplexity"}), 1.0, None, "a perplexity is at least 1"),
    (
        frozenset({"wer", "cer", "rmse", "mae", "mse", "grad_norm", "weight_norm"}),
        0.0,
        None,
        "a rate, a distance or a norm is not negative",
    ),
    (frozenset({"median_rank", "mean_rank"}), 1.0, None, "the best rank is 1"),
    (frozenset({"learning_rate"}), 0.0, None, "a learning rate is not negative"),
    (frozenset({"r2", "pearson", "spearman", "kappa", "mcc"}), None, 1.0, "it cannot be above 1"),
)
# Losses that are sums of -log of probabilities, or distances: never negative.
_NOT_NEGATIVE = frozenset(
    {"cross_entropy", "bce", "focal", "mse", "l1", "huber", "smooth_l1", "info_nce", "ctc", "triplet", "giou", "dpo"}
)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ImpossibleValue(Rule):
    """A metric has a value that it cannot have.

    ## What it looks at
    The bounds of each kind of metric: shares in [0, 1] or [0, 100], perplexity from 1, distances and cross-entropies from 0.

    ## Why it matters
    The number is not what its name says: a wrong reduction over devices, a sum in place of a mean, another quantity in
    its place. Nothing can be concluded from it, and its neighbours are suspect.

    ## What to try
    - Compute it by hand for one batch on one device.

    ## When it is wrong
    Densities can exceed 1, so a negative log-likelihood of continuous values may be negative.
    """

    meta: ClassVar = RuleMeta(
        code="MET001", name="impossible-value", since="0.1", summary="a metric has a value that it cannot have"
    )
    needs: ClassVar = (READINGS,)
    may_use: ClassVar = (FACTS, JUDGED_LOSS, LOSS_FAMILY)
    condition: ClassVar = "metric_arithmetic"

    rounding: float = 1e-6
    certain_role: float = 0.8
    """A guess about what a name means must be this sure before its values are called impossible."""

    def check(self, case: Case) -> Iterator[Finding]:
        told = 0
        in_percent = {r.role.kind for r in case[READINGS] if r.in_percent}
        for reading in case[READINGS]:
            for kinds, low, high, why in _BOUNDS:
                if reading.role.kind in kinds and reading.role.confidence >= self.certain_role and told < 3:
                    top = _top(reading, high, percent=reading.role.kind in in_percent)
                    for finding in self._outside(case, reading, low, top, why):
                        told += 1
                        yield finding
        yield from self._negative_loss(case)

    def _negative_loss(self, case: Case) -> Iterator[Finding]:
        """A loss below zero, where its name or the user says that its family cannot go there."""
        loss, family = case.get(JUDGED_LOSS), case.get(LOSS_FAMILY)
        if loss is None or family not in _NOT_NEGATIVE:
            return
        fact = (case.get(FACTS) or {}).get("loss")
        named = loss.role.family == family and loss.role.confidence >= self.certain_role
        if named or (fact is not None and fact.origin == "given"):
            yield from self._outside(case, loss, 0.0, None, f"a {family} loss is not negative")

    def _outside(
        self, case: Case, reading: Reading, low: float | None, top: float | None, why: str
    ) -> Iterator[Finding]:
        values = reading.series.values
        finite = np.isfinite(values)
        if reading.role.statistic == "std" or not bool(finite.any()):
            return
        bad = finite & ((values < low - self.rounding) if low is not None else False)
        bad |= finite & ((values > top * (1 + self.rounding) + self.rounding) if top is not None else False)
        if not bool(bad.any()):
            return
        first = int(np.argmax(bad))
        bound = low if low is not None and values[first] < low else top
        yield self.finding(
            f"{reading.name} is {values[first]:.4g} at step {reading.series.steps[first]:g}, which it cannot be ({int(bad.sum())} of {len(values)} points)",
            Evidence(
                label=reading.name,
                measured=float(values[first]),
                expected=bound,
                formula=why,
                span=case.span(reading.series, first, first),
            ),
            severity=Severity.WARNING,
            confidence=0.9,
            why="the number is not what its name says: a sum in place of a mean, or another quantity in its slot",
            do=("compute it by hand for one batch on one device", "check how it is reduced over devices and batches"),
            check="the metric of perfect predictions must be exactly its best value",
            undermines=float(bad.mean()) > 0.5,
            rank=58,
        )


def _top(reading: Reading, high: float | None, *, percent: bool) -> float | None:
    """The upper bound in the units of the series; ``percent`` says that another series of its kind is printed in per cent.

    Shares are told by their own range or by that of their kin: a detector that starts with 1.2 % for small boxes has 30 % for
    large ones.
    """
    if high is None or reading.role.unit == "fraction":
        return high
    return 100.0 * high if percent or reading.in_percent else high

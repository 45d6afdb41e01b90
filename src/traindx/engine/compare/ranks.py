"""Two retrieval models on the same queries: the rank of the right item for each query, paired."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from traindx.diagnosis import Comparison, Difference, Outcome
from traindx.errors import UsageError
from traindx.run import Floats
from traindx.signals import Interval, bootstrap_difference, mcnemar

_SURE = 0.05


def compare_ranks(names: tuple[str, str], before: Floats, after: Floats, cutoffs: Sequence[int]) -> Comparison:
    """Return the comparison of two rankings of the same queries, query by query.

    ``before`` and ``after`` hold the rank (1 is the first) of the right item for each query, in the same order. Recall at
    every cut-off is tested by McNemar's exact test, the mean reciprocal rank by drawing queries again. Raises
    ``UsageError`` where the lengths differ, there is no query, or a rank is below 1.
    """
    if len(before) != len(after) or not len(before):
        raise UsageError(
            f"{names[0]} has {len(before)} ranks and {names[1]} {len(after)}",
            hint="both need one rank for each query, in the same order",
        )
    for name, ranks in zip(names, (before, after), strict=True):
        if not bool((ranks >= 1).all()):
            place = int(np.flatnonzero(~(ranks >= 1))[0])
            raise UsageError(
                f"{name}: rank {ranks[place]:g} of query {place + 1} is not a rank", hint="the first rank is 1"
            )
    differences = [_recall(before <= k, after <= k, k) for k in cutoffs]
    differences.append(_reciprocal(before, after))
    head = differences[0]
    word = {"better": "is better", "worse": "is worse", "tied": "cannot be told from it"}.get(head.outcome, "")
    return Comparison(
        before=names[0],
        after=names[1],
        axis="samples",
        at=float(len(before)),
        verdict=f"{names[1]} against {names[0]} {word}: {head.quantity} {head.after:.4g} against {head.before:.4g} ({head.by}) on {len(before)} queries",
        attribution="the same queries, paired: what is left is the choice of queries and the seed of each model",
        differences=tuple(differences),
    )


def _recall(before: np.ndarray, after: np.ndarray, k: int) -> Difference:
    gained, lost = int(np.sum(after & ~before)), int(np.sum(before & ~after))
    p_value = mcnemar(lost, gained)
    spread = bootstrap_difference(before.astype(np.float64), after.astype(np.float64))
    tied = p_value > _SURE
    return _made(
        f"R@{k}", before, after, spread, f"McNemar p = {p_value:.2g}, {gained} gained and {lost} lost", tied=tied
    )


def _reciprocal(before: Floats, after: Floats) -> Difference:
    spread = bootstrap_difference(1 / before, 1 / after)
    return _made("MRR", 1 / before, 1 / after, spread, "queries drawn again", tied=spread.tied)


def _made(name: str, before: np.ndarray, after: np.ndarray, spread: Interval, by: str, *, tied: bool) -> Difference:
    outcome: Outcome = "tied" if tied else "better" if spread.value > 0 else "worse"
    return Difference(
        quantity=name,
        before=float(np.mean(before)),
        after=float(np.mean(after)),
        difference=spread.value,
        outcome=outcome,
        low=spread.low,
        high=spread.high,
        by=by,
    )

"""Rankings made the plain way: all scores in float64, sorted; and worlds of embeddings to rank."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from traindx.retrieval import Ranking, Relevance

TOLERANCE = 2.0**-23

Lists = list[list[int]]


def cosines(queries: NDArray, gallery: NDArray) -> NDArray:
    left, right = queries.astype(np.float64), gallery.astype(np.float64)
    left /= np.linalg.norm(left, axis=1, keepdims=True)
    return left @ (right / np.linalg.norm(right, axis=1, keepdims=True)).T


def counted(scores: NDArray, right: Lists, tolerance: float | NDArray = TOLERANCE) -> tuple[list[int], list[int]]:
    """Above and level of each right item, by sorting every row; ``tolerance`` may be that of every pair."""
    reach = np.broadcast_to(tolerance, scores.shape)
    above, level = [], []
    for row, (line, items) in enumerate(zip(scores, right, strict=True)):
        rising = np.sort(line)
        for item in sorted(items, key=lambda item, line=line: (-line[item], item)):
            high = len(line) - np.searchsorted(rising, line[item] + reach[row, item], side="right")
            at_least = len(line) - np.searchsorted(rising, line[item] - reach[row, item], side="left")
            above.append(int(high))
            level.append(int(at_least - high) - 1)
    return above, level


def lists_of(relevance: Relevance) -> Lists:
    found: Lists = [[] for _ in range(relevance.queries)]
    for query, item in zip(relevance.query.tolist(), relevance.item.tolist(), strict=True):
        found[query].append(item)
    return found


def world(seed: int, queries: int, items: int, dim: int, kind: str = "plain") -> tuple[NDArray, NDArray]:
    """Queries and items of one of several kinds; where they are equally many, row i of one resembles row i of the other."""
    rng = np.random.default_rng(seed)
    left = rng.normal(size=(queries, dim))
    right = rng.normal(size=(items, dim))
    both = min(queries, items)
    right[:both] += left[:both] * 0.7
    if kind == "doubled":
        right[rng.integers(0, items, items // 2 + 1)] = right[0]
        left[rng.integers(0, queries, queries // 3 + 1)] = left[0]
    elif kind == "few values":
        left, right = np.sign(left), np.sign(right)
    elif kind == "collapsed":
        left, right = 1.0 + 1e-8 * left, 1.0 + 1e-8 * right
    elif kind == "narrow":
        left, right = 1.0 + 1e-3 * left, 1.0 + 1e-3 * right
    elif kind == "lengths":
        left *= 10.0 ** rng.uniform(-3, 3, (queries, 1))
        right *= 10.0 ** rng.uniform(-3, 3, (items, 1))
    return left.astype(np.float32), right.astype(np.float32)


KINDS = ("plain", "doubled", "few values", "collapsed", "narrow", "lengths")


def same(one: Ranking, other: Ranking) -> bool:
    return all(
        np.array_equal(getattr(one, name), getattr(other, name))
        for name in ("above", "level", "starts", "right_above", "right_level", "items", "scores")
    )


def orders(scores: Sequence[float]) -> Iterator[tuple[int, ...]]:
    """Every order of the items that their scores allow."""
    for order in itertools.permutations(range(len(scores))):
        if all(scores[a] >= scores[b] for a, b in itertools.pairwise(order)):
            yield order


def over_orders(scores: Sequence[float], metric: Callable[[tuple[int, ...]], float]) -> tuple[float, float, float]:
    """The mean, the best and the worst of a metric over every order."""
    values = [metric(order) for order in orders(scores)]
    return float(np.mean(values)), max(values), min(values)

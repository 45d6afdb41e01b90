"""The best that any ranking can reach where items or queries are identical."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.int64]
Floats = NDArray[np.float64]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Ceiling:
    """The best reachable hit rate at each cut-off and mean reciprocal rank, and what takes the rest away.

    ``items`` and ``queries`` count rows that equal an earlier row; ``capped`` counts queries that cannot be sure of the first place.
    """

    hit_rates: tuple[tuple[int, float], ...]
    mrr: float
    items: int
    queries: int
    capped: int

    def hit_rate(self, k: int) -> float:
        """Return the best reachable hit rate at ``k``."""
        return dict(self.hit_rates)[k]


def ceiling(
    queries: Labels, items: Labels, query_of: NDArray[np.int64], item_of: NDArray[np.int64], ks: tuple[int, ...]
) -> Ceiling:
    """Return the best reachable scores of queries and items with those labels; pair ``(query_of[i], item_of[i])`` is right.

    Identical items: a model scores them alike, so that one of g items of which p are right comes first with p/g at best. Identical queries get one list,
    which cannot begin with the right item of each. Both bounds hold for every model, of each set of identical queries together; the lower one counts.
    """
    present = np.unique(query_of)
    by_item = _item_bounds(items, query_of, item_of, ks)[:, present]
    by_query = _query_bounds(queries, query_of, item_of, ks)[:, present]
    means = [_mean(one, other, queries[present]) for one, other in zip(by_item, by_query, strict=True)]
    return Ceiling(
        hit_rates=tuple((k, float(mean)) for k, mean in zip(ks, means[1:], strict=True)),
        mrr=float(means[0]),
        items=len(items) - len(np.unique(items)),
        queries=len(queries) - len(np.unique(queries)),
        capped=int(np.sum(np.minimum(by_item[0], by_query[0]) < 1 - 1e-12)),
    )


def _mean(by_item: Floats, by_query: Floats, group: Labels) -> float:
    """The mean over queries of what both bounds allow each group of identical queries."""
    sums = [np.bincount(group, weights=bound) for bound in (by_item, by_query)]
    return float(np.minimum(sums[0], sums[1]).sum()) / max(len(group), 1)


def _item_bounds(items: Labels, query_of: Labels, item_of: Labels, ks: tuple[int, ...]) -> Floats:
    """Rows: reciprocal rank, then hits at each k; columns: queries. From the best group of identical items of each query."""
    sizes = np.bincount(items)
    pairs, right = np.unique(np.stack([query_of, items[item_of]]), axis=1, return_counts=True)
    group_sizes = sizes[pairs[1]]
    found: Floats = np.zeros((len(ks) + 1, int(query_of.max(initial=-1)) + 1))
    for size, p in np.unique(np.stack([group_sizes, right]), axis=1).T.tolist():
        at = pairs[0][(group_sizes == size) & (right == p)]
        scores = np.array(_group_scores(size, p, ks))
        found[:, at] = np.maximum(found[:, at], scores[:, None])
    return found


def _group_scores(size: int, p: int, ks: tuple[int, ...]) -> list[float]:
    """Mean reciprocal rank and hits at each k where ``p`` of ``size`` level items are right."""
    miss = np.concatenate(([1.0], np.cumprod((size - p - np.arange(size - p)) / (size - np.arange(size - p)))))
    found = np.append(miss[:-1] - miss[1:], miss[-1])  # the first right item at rank 1, 2, ...
    mrr = float(np.sum(found / np.arange(1, len(found) + 1)))
    return [mrr, *(1.0 - float(miss[k]) if k < len(miss) else 1.0 for k in ks)]


def _query_bounds(queries: Labels, query_of: Labels, item_of: Labels, ks: tuple[int, ...]) -> Floats:
    """The same for identical queries: their one list serves best with the items that most of them want in front."""
    found: Floats = np.ones((len(ks) + 1, int(query_of.max(initial=-1)) + 1))
    group = queries[query_of]
    many = np.flatnonzero(np.bincount(queries)[group] > 1)
    if not len(many):
        return found
    order = many[np.argsort(group[many], kind="stable")]
    edges = np.flatnonzero(np.diff(group[order])) + 1
    for rows in np.split(order, edges):
        members = np.unique(query_of[rows])
        wanted = np.sort(np.unique(item_of[rows], return_counts=True)[1])[::-1]
        served = np.minimum(np.cumsum(wanted) / len(members), 1.0)
        gains = np.diff(served, prepend=0.0)
        scores = [float(np.sum(gains / np.arange(1, len(gains) + 1)))]
        scores += [float(served[min(k, len(served)) - 1]) for k in ks]
        found[:, members] = np.array(scores)[:, None]
    return found

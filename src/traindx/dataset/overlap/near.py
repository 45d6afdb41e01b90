"""Rows that are nearly the same: what texts, images and embeddings have in common when they are compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from traindx.dataset.overlap.hashing import Words
from traindx.dataset.overlap.overlap import NearKind, Nearness
from traindx.dataset.overlap.pairs import Pairs, random_pairs

_SHOWN = 5

Similarity = Callable[[Pairs], NDArray[np.float64]]


@final
@dataclass(frozen=True, slots=True)
class Contents:
    """The different contents of both splits: ``first`` is the row that stands for each, ``of_row`` the content of each row.

    Rows of the other split are numbered behind those of the training split, so that a content that stands in both is stood for by a training row.
    """

    first: NDArray[np.int64]
    of_row: NDArray[np.int64]
    train_rows: int

    @property
    def trained(self) -> NDArray[np.bool_]:
        """Which contents stand in the training split."""
        return self.first < self.train_rows


def contents(found: Words, train_rows: int) -> Contents:
    """Return the different contents among hashes of rows.

    >>> contents(np.array([5, 5, 9, 5], dtype=np.uint64), 2).first.tolist()
    [0, 2]
    """
    _, first, inverse = np.unique(found, return_index=True, return_inverse=True)
    order = np.argsort(first, kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return Contents(first[order].astype(np.int64), rank[inverse].astype(np.int64), train_rows)


def nearness(
    kind: NearKind,
    what: str,
    measure: str,
    threshold: float,
    known: Contents,
    candidates: Pairs,
    similarity: Similarity,
) -> Nearness:
    """Return how many rows nearly equal a training row, of pairs of contents that might.

    ``candidates`` are pairs of contents, ``similarity`` compares pairs of rows. Rows whose content stands in the training split are not counted: they are copies.
    """
    trained = known.trained
    useful = candidates[trained[candidates[:, 0]]]  # the lower content is a training one, or neither is
    values = similarity(known.first[useful])
    near = values > threshold
    useful, values = useful[near], values[near]
    fresh = ~trained[useful[:, 1]]
    close = np.zeros(len(known.first), dtype=np.bool_)
    close[useful[fresh, 1]] = True
    twins = np.zeros(len(known.first), dtype=np.bool_)
    twins[useful[~fresh].ravel()] = True
    per_row = close[known.of_row]
    return Nearness(
        kind=kind,
        what=what,
        measure=measure,
        threshold=threshold,
        train_rows=known.train_rows,
        other_rows=len(known.of_row) - known.train_rows,
        close=int(per_row[known.train_rows :].sum()),
        train_compared=known.train_rows,
        train_close=int(twins[known.of_row][: known.train_rows].sum()),
        background=_background(known, similarity, threshold),
        examples=_examples(known, useful[fresh], values[fresh]),
    )


def _background(known: Contents, similarity: Similarity, threshold: float) -> float:
    """The share of random pairs of different contents that are as similar."""
    pairs = random_pairs(len(known.first))
    return float((similarity(known.first[pairs]) > threshold).mean()) if len(pairs) else float("nan")


def _examples(known: Contents, pairs: Pairs, values: NDArray[np.float64]) -> tuple[tuple[int, int, float], ...]:
    best = np.argsort(-values, kind="stable")[:_SHOWN]
    rows = known.first[pairs[best]]
    return tuple(
        (int(mine), int(theirs) - known.train_rows, float(v))
        for (mine, theirs), v in zip(rows, values[best], strict=True)
    )

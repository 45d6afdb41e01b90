"""How many equal rows to expect of columns that take few values, without anything having been copied."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from traindx.arrays import ArraySource
from traindx.dataset.overlap.content import Content, hash_block
from traindx.signals import exponential

_HEAD = 4096
"""Rows that are looked at: of them eight million pairs can be equal or not."""

_FEATURES = 256
"""Features of a row that are looked at; so many never coincide by chance unless they hardly vary."""

_LETTER = math.log(2)
"""Nats that a letter of running text adds: about one bit (C. E. Shannon, 1951)."""

_SELDOM = 0.05
"""Texts that come more than twenty times on average are names of kinds, whose letters say nothing more."""

_NAME_LETTERS = 40
"""No name of a kind is longer: a text beyond it repeats because it was copied, however often."""

_DEPENDENT = 0.5
"""The share of the information in the columns that is left because columns depend on each other."""


def coincidences(rows: Content) -> float:
    """Return about how many pairs of equal rows there are by coincidence.

    Were columns independent, two rows would be equal with the product of the probabilities that each column is. Columns depend on each other, so that only half of
    their information (collision entropy) is counted. Judged on the different ones of the first rows, so that copies do not hide themselves.

    >>> from traindx.arrays import MemorySource
    >>> from traindx.dataset.overlap.content import content
    >>> coins, amounts = np.arange(4000).reshape(500, 8) % 2, np.random.default_rng(0).normal(size=(500, 8))
    >>> coincidences(content(MemorySource(coins))) > 1000, coincidences(content(MemorySource(amounts))) < 1e-9
    (True, True)
    """
    head = min(len(rows), _HEAD)
    if head < 2:
        return 0.0
    _, first = np.unique(hash_block(rows, 0, head), return_index=True)
    first.sort()
    known = sum(
        _information(column, column.read(0, head)[first], len(first) > _SELDOM * head) for column in rows.columns
    )
    return len(rows) * (len(rows) - 1) / 2 * exponential(-_DEPENDENT * known)


def _information(column: ArraySource, values: NDArray[Any], seldom: bool) -> float:
    """Return the collision entropy of a column in nats: of each of its features, added up."""
    if column.kind == "number":
        flat = values.reshape(len(values), -1)
        return math.fsum(_collision(flat[:, j]) for j in range(min(flat.shape[1], _FEATURES)))
    if column.kind == "text":
        measured = _collision(np.array([str(value) for value in values], dtype=object))
        letters = float(np.mean([len(str(value)) for value in values]))
        told = seldom and len({str(value) for value in values}) > _SELDOM * len(values)
        return max(measured, _LETTER * letters) if told or letters > _NAME_LETTERS else measured
    sizes = [np.asarray(value).size if column.kind != "bytes" else len(value) for value in values]
    return _LETTER * float(np.mean(sizes)) if seldom or column.kind == "image" else 0.0


def _collision(values: NDArray[Any]) -> float:
    _, counts = np.unique(values, return_counts=True)
    pairs = len(values) * (len(values) - 1) / 2
    equal = float((counts * (counts - 1.0)).sum()) / 2
    return -math.log((equal + 1) / (pairs + 1)) if pairs else 0.0

"""Targets in layers: one for every query at a time, so that a whole tile is compared at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from traindx.retrieval.aim import Aim

MOST_LAYERS = 8
"""Targets of a query that are compared one after the other with every score; beyond, sorting the scores once costs less."""


@final
@dataclass(frozen=True, slots=True)
class Layers:
    """The first targets of each query of an aim, a layer for the first, one for the second, and so on.

    ``target``, ``upper`` and ``lower`` are (layers, queries); where a query has no further target, ``target`` is -1 and the limits are
    infinite. ``laden`` are the queries with more targets than there are layers.
    """

    aim: Aim
    target: NDArray[np.int64]
    upper: NDArray[np.float32]
    lower: NDArray[np.float32]
    laden: NDArray[np.int64]


def layers(aim: Aim) -> Layers:
    """Return the targets of an aim in layers."""
    starts, counts = aim.targets.starts[:-1], np.diff(aim.targets.starts)
    depth = np.arange(min(MOST_LAYERS, int(counts.max(initial=0))), dtype=np.int64)[:, None]
    there = counts > depth
    target = np.where(there, starts + depth, -1)
    endless = np.float32(np.inf)
    if not len(aim.upper):
        none = np.full(target.shape, endless)
        return Layers(aim, target, none, none, np.flatnonzero(counts > MOST_LAYERS))
    return Layers(
        aim=aim,
        target=target,
        upper=np.where(there, aim.upper[target], endless),
        lower=np.where(there, aim.lower[target], endless),
        laden=np.flatnonzero(counts > MOST_LAYERS),
    )

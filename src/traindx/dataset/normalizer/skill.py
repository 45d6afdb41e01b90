"""What a model knows of each group, in that group's own units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from traindx.dataset.normalizer.families import as_numpy
from traindx.dataset.normalizer.groups import Label, labels_of
from traindx.dataset.normalizer.layout import spread_mask


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSkill:
    """The squared error of a group's predictions beside the trivial one.

    ``loss`` is the mean squared error over ``count`` active entries in original units squared, ``trivial`` that of always answering the group's mean
    of each feature (among these targets).
    """

    label: Label
    count: int
    loss: float
    trivial: float

    @property
    def skill(self) -> float:
        """R²: 1 - loss / trivial. 1 is perfect, 0 knows no more than the mean, below 0 is worse. NaN where the targets do not vary."""
        return 1 - self.loss / self.trivial if self.trivial > 0 else float("nan")


def skill_by_group(
    target: object, prediction: object, *, group: object = None, mask: object = None
) -> list[GroupSkill]:
    """Return the skill of predictions in original units, for each group (one, called 0, without groups), in the order of their labels.

    >>> [round(one.skill, 3) for one in skill_by_group([[1.0], [3.0], [10.0], [30.0]], [[1.0], [3.0], [20.0], [20.0]], group=[0, 0, 1, 1])]
    [1.0, 0.0]
    """
    truth, guess = as_numpy(target).astype(np.float64), as_numpy(prediction).astype(np.float64)
    labels = np.zeros(len(truth), dtype=np.int64) if group is None else labels_of(group)
    active = np.ones(truth.shape, dtype=bool)
    if mask is not None:
        active = np.broadcast_to(spread_mask(as_numpy(mask), truth.shape) != 0, truth.shape)
    return [_one(label, labels == label, truth, guess, active) for label in np.unique(labels)]


def _one(
    label: np.generic,
    rows: NDArray[np.bool_],
    truth: NDArray[np.float64],
    guess: NDArray[np.float64],
    active: NDArray[np.bool_],
) -> GroupSkill:
    used, wanted = active[rows], truth[rows]
    count = int(used.sum())
    mean = np.sum(np.where(used, wanted, 0), axis=0) / np.maximum(used.sum(axis=0), 1)
    error = np.where(used, guess[rows] - wanted, 0)
    away = np.where(used, wanted - mean, 0)
    whole = max(count, 1)
    return GroupSkill(
        label=label.item(), count=count, loss=float(np.sum(error**2)) / whole, trivial=float(np.sum(away**2)) / whole
    )


def typical_skill(skills: Sequence[GroupSkill]) -> float:
    """Return the skill of the typical group: the median over groups, and 0 where that is below 0, since the mean can be answered instead.

    Groups whose targets do not vary are left out. Unlike the skill of all entries together, it is not that of the group in the largest units.
    """
    return max(0.0, float(np.median(known))) if (known := _known(skills)) else float("nan")


def mean_skill(skills: Sequence[GroupSkill]) -> float:
    """Return the mean skill over groups, each of them counted alike and none below 0."""
    return float(np.mean(np.maximum(known, 0.0))) if (known := _known(skills)) else float("nan")


def _known(skills: Sequence[GroupSkill]) -> list[float]:
    return [one.skill for one in skills if one.skill == one.skill]

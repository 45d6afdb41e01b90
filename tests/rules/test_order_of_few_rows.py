"""The order of few rows tells a divergence: its odds are those that counting gives, and luck alone rarely fires the rule."""

from __future__ import annotations

import math

import numpy as np
import pytest

from traindx.context import build_case
from traindx.engine.examine import examine
from traindx.rules.stability.diverged import Diverged
from traindx.run import Run, Series, Source


def alarms(values: np.ndarray) -> bool:
    steps = np.arange(len(values), dtype=np.float64)
    series = {"train/loss": Series(name="train/loss", values=values, steps=steps)}
    case = build_case(
        Run(name="rows", series=series, sources=(Source(path="rows.csv", format="csv", rows=len(values)),))
    )
    return bool(examine(case, (Diverged(),)).findings)


@pytest.mark.parametrize(("first", "last"), [(3, 4), (3, 6), (5, 5)])
def test_the_first_points_all_lie_below_the_last_half_as_often_as_counting_says(first: int, last: int) -> None:
    random = np.random.default_rng(first * 10 + last)
    draws = random.random((200_000, first + last))
    share = float((draws[:, :first].max(axis=1) < draws[:, first:].min(axis=1)).mean())
    assert share == pytest.approx(1 / math.comb(first + last, first), rel=0.2)


@pytest.mark.parametrize("rows", [7, 8, 10, 12, 20])
def test_a_level_that_never_moved_is_hardly_ever_called_diverged(rows: int) -> None:
    random = np.random.default_rng(rows)
    fired = sum(alarms(np.exp(0.5 * random.standard_normal(rows))) for _ in range(400))
    assert fired <= 8  # 2 % where single rows scatter by half of their level


@pytest.mark.parametrize("rows", [8, 12, 20])
def test_a_loss_that_falls_under_noise_is_not_called_diverged(rows: int) -> None:
    random, x = np.random.default_rng(rows), np.linspace(0, 1, rows)
    assert not any(alarms((2 - x) * np.exp(0.3 * random.standard_normal(rows))) for _ in range(300))

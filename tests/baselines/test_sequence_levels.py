"""CTC and transducer levels: torch, dynamic programming and enumeration."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch
from torch.nn import functional as nnf

from traindx import baselines as b
from traindx.errors import UsageError


def _ctc(log_probs: np.ndarray, labels: list[int]) -> float:
    frames = torch.from_numpy(log_probs)[:, None, :]
    target = torch.tensor([labels])
    return nnf.ctc_loss(frames, target, (frames.shape[0],), (len(labels),), reduction="sum").item()


@pytest.mark.parametrize(
    ("frames", "labels", "symbols"),
    [(50, [1, 2] * 5, 29), (12, [1, 2, 3], 5), (20, [1, 1, 2, 2, 3], 7), (4, [1, 2, 3, 4], 6)],
)
def test_uniform_ctc_agrees_with_torch(frames: int, labels: list[int], symbols: int) -> None:
    uniform = np.full((frames, symbols), -math.log(symbols))
    repeats = sum(x == y for x, y in itertools.pairwise(labels))
    level = b.ctc_uniform(frames, len(labels), symbols, repeats)
    assert level.value == pytest.approx(_ctc(uniform, labels), abs=1e-6)


@pytest.mark.parametrize(("frames", "labels", "symbols"), [(50, [1, 2] * 5, 29), (20, [1, 1, 2, 2, 3], 7)])
def test_the_blank_plateau_is_the_best_constant_in_torch(frames: int, labels: list[int], symbols: int) -> None:
    repeats = sum(x == y for x, y in itertools.pairwise(labels))
    losses = []
    for blank in np.linspace(0.05, 0.95, 181):
        row = np.log(np.array([blank] + [(1 - blank) / (symbols - 1)] * (symbols - 1)))
        losses.append(_ctc(np.tile(row, (frames, 1)), labels))
    level = b.ctc_blank_plateau(frames, len(labels), symbols, repeats)
    assert level.value == pytest.approx(min(losses), abs=2e-3)


def test_the_blank_plateau_per_label_is_near_the_logarithm_of_the_letters() -> None:
    assert b.ctc_blank_plateau(500, 60, 29).value / 60 == pytest.approx(math.log(28), abs=0.25)


def test_too_few_frames_cost_infinity() -> None:
    assert b.ctc_uniform(3, 4, 5).value == math.inf
    assert b.ctc_blank_plateau(3, 4, 5).value == math.inf


def _transducer(frames: int, labels: int, log_blank: float, log_label: float) -> float:
    alpha = np.full((frames, labels + 1), -math.inf)
    alpha[0, 0] = 0.0
    for t in range(frames):
        for u in range(labels + 1):
            if t:
                alpha[t, u] = np.logaddexp(alpha[t, u], alpha[t - 1, u] + log_blank)
            if u:
                alpha[t, u] = np.logaddexp(alpha[t, u], alpha[t, u - 1] + log_label)
    return -float(alpha[-1, -1] + log_blank)


@pytest.mark.parametrize(("frames", "labels", "symbols"), [(50, 10, 29), (7, 3, 5), (1, 2, 4)])
def test_transducer_levels_agree_with_dynamic_programming(frames: int, labels: int, symbols: int) -> None:
    even = -math.log(symbols)
    assert b.transducer_uniform(frames, labels, symbols).value == pytest.approx(_transducer(frames, labels, even, even))
    losses = [
        _transducer(frames, labels, math.log(p), math.log((1 - p) / (symbols - 1))) for p in np.linspace(0.02, 0.98, 97)
    ]
    assert b.transducer_blank_plateau(frames, labels, symbols).value == pytest.approx(min(losses), abs=0.01)


def test_sequences_beyond_reason_are_refused() -> None:
    with pytest.raises(UsageError):
        b.ctc_uniform(10**9, 10, 29)


def test_a_scaling_law_falls_with_size_and_with_data_towards_its_constant() -> None:
    small, large, limit = (b.scaling_law_loss(*at).value for at in ((1e8, 1e10), (1e9, 1e11), (1e30, 1e30)))
    assert small > large > limit == pytest.approx(1.8172, abs=1e-6)
    assert b.scaling_law_loss(124e6, 10e9).value == pytest.approx(3.014, abs=0.002)


def test_masked_language_models_start_at_their_vocabulary_and_a_coin() -> None:
    assert b.masked_language_chance(30522, next_sentence=True).value == pytest.approx(math.log(30522) + math.log(2))
    assert b.next_sentence_chance().value == pytest.approx(math.log(2))

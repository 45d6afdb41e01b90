"""Group F: reinforcement learning and preference tuning."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.questions.asking import asked, curve, flat, loud, said


def grpo(loss: list[float], reward: list[float], std: list[float], norm: list[float]) -> list[str]:
    zero = [1.0 if s == 0 else 0.0 for s in std]
    return [
        f"{{'loss': {a:.4f}, 'grad_norm': {g:.4f}, 'learning_rate': 1e-06, 'reward': {r:.4f}, 'reward_std': {s:.4f}, 'frac_reward_zero_std': {z}, 'completion_length': {180 + n % 7}, 'kl': {abs(a) / 0.04:.5f}, 'epoch': {n / 500:.3f}}}"
        for n, (a, r, s, g, z) in enumerate(zip(loss, reward, std, norm, zero, strict=True))
    ]


def test_the_loss_of_grpo_starts_at_0_and_rises(tmp_path: Path) -> None:
    """Q73, and the golden case of 200 steps at 0: expected; the reward is what counts."""
    loss = [round(max(0.0, v), 4) for v in curve(0.0, 0.006, 200, 0.0003)]
    report = asked(
        tmp_path,
        grpo(loss, curve(0.2, 0.75, 200, 0.04), list(np.abs(flat(0.3, 200, 0.03))), list(np.abs(flat(0.4, 200, 0.05)))),
    )
    assert report.verdict.state == "healthy"
    assert not loud(report)
    assert "reward" in report.verdict.summary


def test_loss_and_gradient_norm_are_both_0(tmp_path: Path) -> None:
    """Q74: all answers of a group earn the same: there is no signal."""
    report = asked(tmp_path, grpo([0.0] * 120, [0.0] * 120, [0.0] * 120, [0.0] * 120))
    assert report.verdict.state == "failing"
    assert said(report, "reward_std", "no reward signal")


def test_the_reward_does_not_rise(tmp_path: Path) -> None:
    """Q75: judged against its own noise; what to try is said."""
    rng = np.random.default_rng(0)
    report = asked(
        tmp_path,
        grpo(
            list(np.abs(flat(0.001, 300, 0.0002))),
            list(0.31 + rng.normal(0, 0.05, 300)),
            list(np.abs(flat(0.3, 300, 0.03))),
            list(np.abs(flat(0.05, 300, 0.01))),
        ),
    )
    assert report.verdict.state != "healthy"
    assert said(report, "reward")


def test_pure_zero_loss_with_a_rising_reward_is_healthy(tmp_path: Path) -> None:
    """Golden case: 200 steps at a loss of exactly 0 with gradients: by construction."""
    report = asked(
        tmp_path,
        grpo(
            [0.0] * 200,
            curve(0.1, 0.8, 200, 0.04),
            list(np.abs(flat(0.25, 200, 0.03))),
            list(np.abs(flat(0.3, 200, 0.05))),
        ),
    )
    assert report.verdict.state == "healthy"
    assert not loud(report)

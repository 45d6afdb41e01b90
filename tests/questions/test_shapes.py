"""Group E: the shape of the curve."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.questions.asking import asked, conditions, curve, flat, hf, loud, said


def test_the_loss_goes_down_a_step_at_every_epoch(tmp_path: Path) -> None:
    """Q61: the samples seen before are remembered; no error, and it is said."""
    rng = np.random.default_rng(0)
    rows = [
        f"{{'loss': {level + rng.normal(0, 0.02):.4f}, 'learning_rate': 2e-05, 'epoch': {epoch + k / 50:.2f}}}"
        for epoch, level in enumerate((1.20, 0.85, 0.50))
        for k in range(1, 51)
    ]
    report = asked(tmp_path, rows)
    assert not any(f.severity.value == "error" for f in report.findings)
    assert said(report, "stair", "seen before", "by heart", "memor")


def test_the_loss_rises_within_an_epoch_and_drops_at_its_border(tmp_path: Path) -> None:
    """Q62: incomplete shuffling, or a running mean that is reset."""
    rng = np.random.default_rng(1)
    rows = [
        f"step {100 * epoch + k} epoch {epoch} loss {2.0 - 0.1 * epoch + 0.006 * k + rng.normal(0, 0.03):.4f}"
        for epoch in range(8)
        for k in range(100)
    ]
    report = asked(tmp_path, rows)
    assert said(report, "epoch")
    assert said(report, "shuffl", "running mean")


def test_the_loss_spikes(tmp_path: Path) -> None:
    """Q63: how far, where, and whether the gradient norm rose first."""
    losses, norms = curve(10.0, 2.6, 400, 0.02, tau=0.1), flat(0.4, 400, 0.02)
    for place in (200, 310):
        norms[place - 2 : place + 3] = [4.0, 9.0, 12.0, 7.0, 3.0]
        losses[place : place + 5] = [4.1, 5.0, 4.4, 3.6, 3.1]
    rows = [
        f"iteration {10 * n} | lm loss: {v:.4f} | grad norm: {g:.3f} | learning rate: 1.0E-04"
        for n, (v, g) in enumerate(zip(losses, norms, strict=True))
    ]
    report = asked(tmp_path, rows)
    assert conditions(report) & {"spikes"}
    assert said(report, "2 spikes")
    assert report.verdict.state == "attention"


def test_a_diffusion_loss_is_flat_and_noisy(tmp_path: Path) -> None:
    """Q65: normal: every batch draws other noise levels; judged by all points, or by samples."""
    lines = [f"step {100 * n} diffusion_loss {v:.4f} lr 1e-4" for n, v in enumerate(np.abs(flat(0.11, 300, 0.035)))]
    report = asked(tmp_path, lines)
    assert report.verdict.state in ("inconclusive", "healthy")
    assert not loud(report)
    assert said(report, "noise")


def test_the_loss_jumps_after_a_resume(tmp_path: Path) -> None:
    """Q66: state of the optimiser, of the schedule or of the sampler was not restored."""
    first, second = curve(6.0, 2.0, 60, 0.02), curve(3.2, 1.9, 50, 0.02, tau=0.3)
    rows = [f"step {100 * n} loss {v:.4f}" for n, v in enumerate(first)] + ["Resuming from checkpoint step_5500.pt"]
    rows += [f"step {5500 + 100 * n} loss {v:.4f}" for n, v in enumerate(second)]
    report = asked(tmp_path, rows)
    assert loud(report)
    assert said(report, "resum")
    assert said(report, "optimi")


def test_the_discriminator_goes_to_0_and_the_generator_up(tmp_path: Path) -> None:
    """Q68: the discriminator has won."""
    d, g = curve(1.38, 0.003, 120, 0.0005, tau=0.15), list(np.linspace(0.7, 11.0, 120))
    report = asked(
        tmp_path, [f"[{n}/120] Loss_D: {a:.4f} Loss_G: {b:.4f}" for n, (a, b) in enumerate(zip(d, g, strict=True))]
    )
    assert loud(report)
    assert said(report, "discriminator")


def test_the_divergence_of_a_variational_autoencoder_goes_to_0(tmp_path: Path) -> None:
    """Q69: posterior collapse."""
    rows = [
        f"epoch {n} recon_loss {r:.3f} kl_loss {k:.5f} loss {r + k:.3f}"
        for n, (r, k) in enumerate(
            zip(curve(210, 180, 60, 0.3, tau=0.05), curve(12.0, 0.002, 60, 0.0002, tau=0.05), strict=True)
        )
    ]
    report = asked(tmp_path, rows)
    assert loud(report)
    assert said(report, "posterior", "latent", "prior")


def test_the_balance_loss_of_a_mixture_of_experts_is_below_its_minimum(tmp_path: Path) -> None:
    """Q71: it cannot be under 1: an epsilon, or the term was never added."""
    rows = [
        f"step {10 * n} lm_loss {v:.4f} load_balancing_loss {a:.4f}"
        for n, (v, a) in enumerate(zip(curve(9.0, 3.0, 80, 0.02), flat(0.62, 80, 0.01), strict=True))
    ]
    report = asked(tmp_path, rows)
    assert loud(report) or said(report, "balance")
    assert said(report, "load_balancing_loss")


def test_the_loss_no_longer_moves_am_i_impatient(tmp_path: Path) -> None:
    """Q72: yes where the last third brought nothing; the stage says so."""
    values = curve(3.0, 0.8, 60, 0.01, tau=0.1) + flat(0.8, 100, 0.01, seed=3)
    report = asked(tmp_path, [f"step {50 * n} loss {v:.4f} lr 0.001" for n, v in enumerate(values)])
    assert report.verdict.state in ("healthy", "attention")
    assert report.verdict.stage == "converged"
    assert said(report, "no longer", "plateau", "not improved", "buy nothing", "stop here")
    still = asked(tmp_path, hf(curve(3.0, 0.8, 160, 0.01, tau=0.6), learning_rate=[1e-3] * 160))
    assert still.verdict.stage != "converged"

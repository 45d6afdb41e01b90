"""A loss is recognised from its number alone, against torch's own losses, and random targets are never taken for a loss."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - as everybody writes it

from traindx.probe.batch import Batch, Leaf
from traindx.probe.experiments.alignment import levels_ahead
from traindx.probe.experiments.fits import blanked, mismatch
from traindx.probe.recognised import recognise
from traindx.probe.subject import Computed

N, C = 12, 5


def batch(**leaves: Any) -> Batch:
    roles = {"y": "target", "x": "input", "mask": "mask"}
    return Batch(tuple(Leaf(name, v.numpy(), roles[name]) for name, v in leaves.items()), list)  # type: ignore[arg-type]


def seen(value: Any, out: torch.Tensor, **leaves: Any) -> Any:
    computed = Computed(total=float(value), outputs={"the output": out.detach().numpy()})
    return recognise(float(value), computed, batch(**leaves))


def drawn(seed: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    torch.manual_seed(seed)
    return torch.randn(N, C), torch.randint(0, C, (N,)), torch.randn(N, C)


CLASSES = {
    ("cross_entropy", "mean", ""): F.cross_entropy,
    ("cross_entropy", "sum", ""): lambda z, y: F.cross_entropy(z, y, reduction="sum"),
    ("cross_entropy", "divided twice", ""): lambda z, y: F.cross_entropy(z, y) / N,
    ("cross_entropy", "mean", "softmax twice"): lambda z, y: F.cross_entropy(z.softmax(-1), y),
    ("cross_entropy", "mean", "no logarithm"): lambda z, y: F.nll_loss(z.softmax(-1), y),
    ("cross_entropy", "mean", "softmax over the batch"): lambda z, y: F.nll_loss(z.log_softmax(0), y),
    ("cross_entropy", "mean", "negated"): lambda z, y: -F.cross_entropy(z, y),
}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("kind", CLASSES)
def test_a_loss_over_classes_is_recognised(kind: tuple[str, str, str], seed: int) -> None:
    z, y, _ = drawn(seed)
    found = seen(CLASSES[kind](z, y), z, y=y)
    assert (found.family, found.reduction, found.flaw) == kind


NUMBERS = {
    ("mse", "mean", ""): F.mse_loss,
    ("mse", "sum", ""): lambda z, t: F.mse_loss(z, t, reduction="sum"),
    ("mse", "sum per sample", ""): lambda z, t: (z - t).pow(2).sum(1).mean(),
    ("l1", "mean", ""): F.l1_loss,
    ("smooth_l1", "mean", ""): F.smooth_l1_loss,
    ("bce", "mean", ""): F.binary_cross_entropy_with_logits,
    ("bce", "mean", "sigmoid twice"): lambda z, t: F.binary_cross_entropy_with_logits(z.sigmoid(), t),
}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("kind", NUMBERS)
def test_a_loss_of_numbers_is_recognised(kind: tuple[str, str, str], seed: int) -> None:
    z, _, t = drawn(seed)
    t = (t > 0).float() if kind[0] == "bce" else t
    found = seen(NUMBERS[kind](z, t), z, y=t)
    assert (found.family, found.reduction, found.flaw) == kind


def test_the_trivial_level_is_what_the_best_constant_scores() -> None:
    z, y, t = drawn(3)
    shares = torch.bincount(y, minlength=C).double() / N
    constant = shares.clamp_min(1e-300).log().float().expand(N, C)
    assert seen(F.cross_entropy(z, y), z, y=y).trivial == pytest.approx(float(F.cross_entropy(constant, y)), abs=1e-6)
    assert seen(F.mse_loss(z, t), z, y=t).trivial == pytest.approx(
        float(F.mse_loss(t.mean(0).expand(N, C), t)), rel=1e-6
    )
    summed = seen(F.mse_loss(z, t, reduction="sum"), z, y=t)
    assert summed.trivial == pytest.approx(float(F.mse_loss(t.mean(0).expand(N, C), t, reduction="sum")), rel=1e-6)


@pytest.mark.parametrize("shift", [0, 1, 2])
def test_the_shift_of_tokens_is_read_from_the_number(shift: int) -> None:
    torch.manual_seed(shift)
    ids, z = torch.randint(0, 9, (3, 8)), torch.randn(3, 8, 9)
    value = F.cross_entropy(z[:, : 8 - shift].reshape(-1, 9), ids[:, shift:].reshape(-1))
    found = seen(value, z, x=ids)
    assert (found.shift, found.flaw) == (shift, "")


def test_ignored_labels_and_masked_positions_are_left_out() -> None:
    torch.manual_seed(0)
    z, y = torch.randn(3, 8, 9), torch.randint(0, 9, (3, 8))
    hidden = y.masked_fill(torch.rand(3, 8) < 0.3, -100)
    assert seen(F.cross_entropy(z.transpose(1, 2), hidden), z, y=hidden).reduction == "mean"
    mask = torch.arange(8) < torch.tensor([[3], [8], [5]])
    each = F.cross_entropy(z.transpose(1, 2), y, reduction="none")
    assert seen((each * mask).sum() / mask.sum(), z, y=y, mask=mask).reduction == "mean"


def test_pixels_label_smoothing_and_pairs_are_recognised() -> None:
    torch.manual_seed(0)
    z, y = torch.randn(4, 3, 6, 6), torch.randint(0, 3, (4, 6, 6))
    assert seen(F.cross_entropy(z, y), z, y=y).classes == 3
    flat, labels, _ = drawn(1)
    smoothed = seen(F.cross_entropy(flat, labels, label_smoothing=0.1), flat, y=labels)
    assert smoothed.floor < smoothed.trivial <= np.log(C)
    assert "smoothing 0.1" in seen(F.cross_entropy(flat, labels, label_smoothing=0.1), flat, y=labels).how
    square = torch.randn(6, 6)
    value = (F.cross_entropy(square, torch.arange(6)) + F.cross_entropy(square.T, torch.arange(6))) / 2
    assert seen(value, square, x=torch.randn(6, 2)).family == "info_nce"


def test_shapes_that_were_broadcast_are_recognised() -> None:
    torch.manual_seed(0)
    z, t = torch.randn(8, 1), torch.randn(8)
    assert seen((z - t).pow(2).mean(), z, y=t).flaw == "broadcast"
    assert seen((z[:, 0] - t).pow(2).mean(), z, y=t).flaw == ""


def test_a_head_that_starts_at_zero_is_not_called_faulty() -> None:
    _, y, _ = drawn(0)
    assert seen(F.cross_entropy(torch.zeros(N, C), y), torch.zeros(N, C), y=y).flaw == ""


@pytest.mark.parametrize("seed", range(200))
def test_a_number_of_another_origin_is_not_recognised(seed: int) -> None:
    z, y, _ = drawn(seed)
    assert seen(torch.rand(()) * 3, z, y=y) is None


def test_the_entropies_of_the_chain_are_those_of_a_simulation() -> None:
    rng = np.random.default_rng(0)
    rows, width, tokens, repeat = 20_000, 4, 8, 0.9
    chain = np.empty((rows, width), int)
    chain[:, 0] = rng.integers(tokens, size=rows)
    for t in range(1, width):
        chain[:, t] = np.where(rng.random(rows) < repeat, chain[:, t - 1], rng.integers(tokens, size=rows))
    for ahead, level in enumerate(levels_ahead(3), 1):
        same = (chain[:, ahead] == chain[:, 0]).mean()
        assert -same * np.log(same) - (1 - same) * np.log((1 - same) / (tokens - 1)) == pytest.approx(level, abs=0.02)


def test_an_exchange_gives_every_sample_another_target_and_each_target_to_one() -> None:
    given = batch(x=torch.randn(12, 3), y=torch.arange(12) % 4)
    other, different = mismatch(given)
    assert other is not None
    assert different == 1.0
    assert sorted(other.leaf("y").values.tolist()) == sorted(given.leaf("y").values.tolist())
    assert (other.leaf("x").values == given.leaf("x").values).all()


def test_a_blank_batch_tells_samples_apart_by_nothing() -> None:
    given = batch(x=torch.randn(6, 3), y=torch.arange(6), mask=torch.tensor([[1, 0]] * 6))
    blank = blanked(given)
    assert len(np.unique(blank.leaf("x").values, axis=0)) == 1
    assert blank.leaf("mask").values.all()
    assert (blank.leaf("y").values == given.leaf("y").values).all()


@pytest.mark.parametrize("seed", range(5))
def test_logits_given_to_nll_loss_are_recognised_and_log_probabilities_are_not(seed: int) -> None:
    torch.manual_seed(seed)
    z, y = torch.randn(16, 7), torch.randint(0, 7, (16,))
    raw, right = seen(F.nll_loss(z, y), z, y=y), seen(F.nll_loss(z.log_softmax(-1), y), z.log_softmax(-1), y=y)
    assert (raw.flaw, raw.how) == (
        "no logarithm",
        "minus the logit at the labels instead of the cross-entropy of the output, averaged",
    )
    assert right.flaw == ""

"""Loss and accuracy inside batches against ranks in the gallery."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.retrieval_meaning.drawn import pairs
from traindx.errors import UsageError
from traindx.retrieval import BatchLoss, batch_bound, evaluate, least_accuracy, least_loss


def batch_losses(queries: np.ndarray, items: np.ndarray, scale: float, size: int) -> tuple[float, float]:
    """Mean contrastive loss and accuracy over random batches."""
    rng = np.random.default_rng(0)
    units = [side / np.linalg.norm(side, axis=1, keepdims=True) for side in (queries, items)]
    losses, right = [], []
    for _ in range(40):
        rows = rng.choice(len(queries), size, replace=False)
        logits = scale * units[0][rows] @ units[1][rows].T
        shifted = logits - logits.max(axis=1, keepdims=True)
        losses.append(np.mean(np.log(np.exp(shifted).sum(axis=1)) - shifted.diagonal()))
        right.append(np.mean(logits.argmax(axis=1) == np.arange(size)))
    return float(np.mean(losses)), float(np.mean(right))


@pytest.mark.parametrize("noise", [0.3, 0.8, 2.0])
@pytest.mark.parametrize("scale", [5.0, 30.0])
def test_the_bound_holds_for_real_losses_and_the_recall_is_that_of_batches(noise: float, scale: float) -> None:
    queries, items = pairs(noise=noise)
    loss, accuracy = batch_losses(queries, items, scale, 32)
    assert accuracy >= least_accuracy(loss)
    bound = evaluate(queries, items, examine=False, batch=BatchLoss(loss=loss, batch_size=32)).batch
    assert bound is not None
    assert bound.recall == pytest.approx(accuracy, abs=0.03)
    assert not bound.violated
    assert bound.chance == pytest.approx(math.log(32))


def test_a_loss_that_promises_more_than_the_ranks_keep_is_found() -> None:
    queries, items = pairs(noise=1.5)
    report = evaluate(queries, items, batch=BatchLoss(loss=0.02, batch_size=64))
    (finding,) = [f for f in report.findings if f.code == "EMB012"]
    assert finding.evidence[0].expected == pytest.approx(100 * (1 - 0.02 / math.log(2)))
    assert report.batch is not None
    assert report.batch.violated


def test_bounds_are_each_others_inverse_and_refuse_what_is_no_loss() -> None:
    assert least_loss(least_accuracy(0.3)) == pytest.approx(0.3)
    with pytest.raises(UsageError, match="no mean cross-entropy"):
        least_accuracy(-1.0)
    with pytest.raises(UsageError, match="no share"):
        least_loss(90)
    with pytest.raises(UsageError, match="cannot be drawn"):
        batch_bound(np.array([0, 1]), 2, loss=0.1, batch_size=3)

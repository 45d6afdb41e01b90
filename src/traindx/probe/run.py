"""Probing a model before a training is paid for."""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from traindx.context import FactValue
from traindx.diagnosis import Report
from traindx.errors import UsageError
from traindx.probe.bench import Bench
from traindx.probe.judging import report_of
from traindx.probe.measured import Measured
from traindx.probe.plan import carry_out, choose
from traindx.probe.subject import Subject
from traindx.probe.told import told_of


def run(
    model: Any,
    loss: Any = None,
    batch: Any = None,
    *,
    optimizer: Any = None,
    objective: Any = None,
    facts: Mapping[str, FactValue | str] | None = None,
    weights: Mapping[str, float] | None = None,
    targets: Sequence[str] = (),
    budget_s: float = 60.0,
    seed: int = 0,
    only: Sequence[str] = (),
    without: Sequence[str] = (),
) -> Report:
    """Make experiments on a model, its loss and one batch; return the same report as of a log. Everything is put back bit by bit.

    In PyTorch ``loss`` is ``loss(model, batch)``, a criterion (``nn.CrossEntropyLoss()``, with ``batch`` a pair), or None for a model that computes its own
    loss (``model(**batch).loss``) and for a Lightning module (``training_step``). In JAX ``model`` is a tree of parameters or an NNX module, ``loss`` is
    ``loss_fn(params, batch)`` or ``loss_fn(params, batch, rng)``, and ``optimizer`` an Optax transformation. The loss may be one number, or terms: a mapping of
    names to numbers or to pairs ``(number, weight)``; ``weights`` gives weights by name.

    ``objective`` (``traindx.CrossEntropy(num_classes=10)``) and ``facts`` tell what theory needs and cannot be seen. ``targets`` are the paths of the batch
    (``"labels"``, ``"1"``) that hold what is learnt, where names and places mislead. No experiment begins after ``budget_s`` seconds. ``only`` and ``without``
    are names of experiments (``"fit"``) or codes of checks (``"PRB050"``). Raises ``UsageError`` where the arguments do not fit together.
    """
    began = time.monotonic()
    if batch is None:
        raise UsageError(
            "a batch is needed", hint="run(model, loss, batch); loss=None for a model that computes its own"
        )
    if not budget_s > 0:
        raise UsageError(f"budget_s must be above 0, not {budget_s}")
    told, chosen = told_of(objective, facts), choose(only, without)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what the loss warns of, it would warn of hundreds of times
        subject = _subject(model, loss, batch, optimizer=optimizer, weights=weights, targets=targets)
        try:
            subject.learn_roles(told.contrastive)
            measured = Measured(batch=subject.batch, told=told, parameters=subject.parameters())
            bench = Bench(subject=subject, told=told, measured=measured, seed=seed, until=began + budget_s)
            limits = carry_out(bench, chosen.experiments)
        finally:
            subject.restore()
    if subject.without_optimizer:
        limits = (*limits, subject.without_optimizer)
    return report_of(subject, measured, chosen.checks, limits, time.monotonic() - began)


def _subject(model: Any, loss: Any, batch: Any, **more: Any) -> Subject:
    """Return the subject in the model's framework, which must be loaded: its owner made the model with it."""
    torch: Any = sys.modules.get("torch")
    if torch is not None and isinstance(model, torch.nn.Module):
        from traindx.probe.torch_subject import TorchSubject

        return TorchSubject(model, loss, batch, **more)
    if "jax" in sys.modules:
        from traindx.probe.jax_subject import JaxSubject, is_jax_model

        if is_jax_model(model):
            return JaxSubject(model, loss, batch, **more)
    raise UsageError(
        f"a {type(model).__name__} is no model that can be probed",
        hint="a torch.nn.Module, an NNX module, or a tree of JAX arrays",
    )

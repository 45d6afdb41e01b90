"""Probing a model before a training is paid for."""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Mapping, Sequence
from numbers import Integral
from typing import Any, SupportsFloat

from traindx.context import FactValue
from traindx.diagnosis import Report
from traindx.errors import UsageError, unknown_name
from traindx.probe.bench import Bench
from traindx.probe.judging import report_of
from traindx.probe.kinds import is_mapping
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
    _must_be_usable(budget_s, seed, weights)
    targets = (targets,) if isinstance(targets, str) else targets  # a single path, not its letters
    told, chosen = told_of(objective, facts), choose(only, without)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what the loss warns of, it would warn of hundreds of times
        subject = _subject(model, loss, batch, optimizer=optimizer, weights=weights, targets=targets)
        try:
            if not subject.batch.size and any(leaf.values.ndim for leaf in subject.batch.leaves):
                raise UsageError("the batch holds no samples", hint="give one batch as the training sees it")
            subject.learn_roles(told.contrastive)
            measured = Measured(batch=subject.batch, told=told, parameters=subject.parameters())
            bench = Bench(subject=subject, told=told, measured=measured, seed=seed, until=began + budget_s)
            limits = carry_out(bench, chosen.experiments)
        finally:
            _put_back(subject)
    _must_be_terms(weights or {}, measured)
    if subject.without_optimizer:
        limits = (*limits, subject.without_optimizer)
    return report_of(subject, measured, chosen.checks, limits, time.monotonic() - began)


def _must_be_terms(weights: Mapping[str, float], measured: Measured) -> None:
    computed = measured.start.computed if measured.start is not None else None
    terms = [term.name for term in computed.terms] if computed is not None else []
    for name in weights if computed is not None else ():
        if name not in terms:
            raise unknown_name("term of the loss", name, terms)


def _put_back(subject: Subject) -> None:
    """Restore; an impatient second Ctrl-C does not leave the model half restored."""
    try:
        subject.restore()
    except KeyboardInterrupt:
        subject.restore()
        raise


def _must_be_usable(budget_s: object, seed: object, weights: object) -> None:
    if not isinstance(budget_s, SupportsFloat) or not 0 < float(budget_s) < float("inf"):
        raise UsageError(f"budget_s must be a number of seconds above 0, not {budget_s!r}")
    if not isinstance(seed, Integral) or seed < 0:
        raise UsageError(f"seed must be a whole number from 0 on, not {seed!r}")
    if weights is not None and not is_mapping(weights):
        raise UsageError(f"weights is a {type(weights).__name__}, not a mapping", hint="weights={'mask': 20.0}")


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

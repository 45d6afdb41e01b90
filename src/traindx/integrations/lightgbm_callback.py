"""A LightGBM callback that records every evaluation, judges the run, and stops it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final, final

import numpy as np
from lightgbm.callback import CallbackEnv, EarlyStopException

from traindx.context import resolve
from traindx.diagnosis import Report
from traindx.integrations.guarded import Given, GuardedMonitor

# LightGBM calls callbacks by rising order: behind those that record (20), before the one that stops early (30), so that its last round is recorded.
_ORDER: Final = 25
_LOSSES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "binary": "bce",
        "cross_entropy": "bce",
        "xentropy": "bce",
        "multiclassova": "bce",
        "multiclass": "cross_entropy",
        "softmax": "cross_entropy",
        "regression": "mse",
        "regression_l2": "mse",
        "l2": "mse",
        "mse": "mse",
        "rmse": "mse",
        "regression_l1": "l1",
        "l1": "l1",
        "mae": "l1",
        "huber": "huber",
    }
)
_RATES: Final = ("learning_rate", "shrinkage_rate", "eta")


@final
class TraindxCallback:
    """Records a training: ``lightgbm.train(..., valid_sets=[d, v], callbacks=[TraindxCallback("runs/trees")])``.

    Takes a ``Monitor``, or a directory and a monitor's keywords. A step is a round. ``names`` say what evaluation sets mean whose names do not:
    ``{"valid_0": "train"}``. What is neither training nor test by its name counts as validation. It stops a training as LightGBM's own early
    stopping does, and keeps all rounds. LightGBM tells no callback that another one stopped: ``close`` it then, or hand it
    a monitor whose ``with`` block ends.
    """

    order = _ORDER
    before_iteration = False

    def __init__(self, monitor: Given, *, names: Mapping[str, str] | None = None, **options: Any) -> None:
        self._guard = GuardedMonitor("the traindx callback", monitor, options)
        self._names = dict(names or {})
        self._rate: float | None = None

    @property
    def report(self) -> Report | None:
        """The last report of the run."""
        return self._guard.report

    def __call__(self, env: CallbackEnv) -> None:
        """Record a round; raise LightGBM's own exception to stop."""
        if env.iteration == env.begin_iteration:
            self._guard.begin(resume=env.begin_iteration > 0)
            self._rate = _rate(env)
            self._guard.tell(self._guard.learnt(lambda: _plan(env)))
            self._guard.tell(self._guard.learnt(lambda: _label_facts(env)))
        results: list[Any] = list(env.evaluation_result_list or [])
        rate = _rate(env)
        moved, self._rate = rate != self._rate, rate  # a shrinkage that stands still is a fact, and no schedule
        values: dict[str, float] = self._guard.attempt(lambda: _values(results, self._names), {})
        self._guard.log({**values, **({"lr": rate} if moved else {})}, step=env.iteration)
        if self._guard.should_stop:
            self.close()
            raise EarlyStopException(env.iteration, results)
        if env.iteration + 1 >= env.end_iteration:
            self.close()

    def close(self) -> None:
        """Close a monitor that was opened here, which judges the run as its log will be judged."""
        self._guard.close()


def _rate(env: CallbackEnv) -> float:
    """The shrinkage of this round, 0.1 by default; ``reset_parameter`` may change it."""
    return float(next((env.params[name] for name in _RATES if name in env.params), 0.1))


def _values(results: Iterable[Any], names: Mapping[str, str]) -> dict[str, float]:
    """Return the metrics of all evaluation sets, whose tuples begin with set, metric and value; of cross-validation the means."""
    found: dict[str, float] = {}
    for result in results:
        data, metric, value = tuple(result)[:3]
        if " " in metric:  # cross-validation names the set within the metric
            data, _, metric = metric.partition(" ")
        name = f"{names.get(data, data)}/{metric}"
        found[name if resolve(name).split else f"val/{name}"] = float(value)
    return found


def _plan(env: CallbackEnv) -> dict[str, Any]:
    objective = env.params.get("objective")
    classes = env.params.get("num_class", env.params.get("num_classes"))
    return {
        "total_steps": env.end_iteration,
        "loss": _LOSSES.get(objective) if isinstance(objective, str) else "mse" if objective is None else None,
        "boosting_objective": objective if isinstance(objective, str) else None,
        "num_classes": classes,
        "lr": _rate(env),
    }


def _label_facts(env: CallbackEnv) -> dict[str, Any]:
    """Return what the training labels tell: rows, and the trivial answer that a loss is held against."""
    model: Any = env.model
    booster: Any = model.boosters[0] if hasattr(model, "boosters") else model
    labels = np.asarray(booster.train_set.get_label(), dtype=np.float64)
    weights = booster.train_set.get_weight()
    mean = float(np.average(labels, weights=weights))
    rows = {"num_samples": len(labels)}
    kind = _LOSSES.get(str(env.params.get("objective", "regression")))
    if kind == "bce":
        return {**rows, "positive_rate": mean if 0 <= mean <= 1 and "num_class" not in env.params else None}
    if kind == "cross_entropy":
        shares = np.bincount(labels.astype(np.int64), weights=weights)
        return {**rows, "class_prior": ", ".join(f"{share:.6g}" for share in shares / shares.sum())}
    variance = float(np.average((labels - mean) ** 2, weights=weights))
    return {**rows, "target_mean": mean, "target_variance": variance, "target_std": variance**0.5}

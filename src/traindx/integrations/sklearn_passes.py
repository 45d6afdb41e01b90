"""Passes of a scikit-learn estimator that learns by ``partial_fit``: loss and score of each, and a word when to stop."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final, Self, final

import numpy as np
from sklearn import metrics as untyped_metrics  # type: ignore[import-untyped]
from sklearn import utils as untyped_utils

from traindx.diagnosis import Report
from traindx.errors import UsageError
from traindx.integrations.guarded import Given, GuardedMonitor

Pair = tuple[Any, Any]
# Rows that an evaluation looks at: an accuracy is then known to one point in a hundred at worst (two standard errors).
_ROWS: Final = 10_000
metrics: Final[Any] = untyped_metrics
utils: Final[Any] = untyped_utils


@final
class Passes:
    """Records an estimator pass by pass.

    ::

        with Passes("runs/sgd", train=(x, y), val=(x_val, y_val), total_steps=50) as passes:
            for _ in range(50):
                estimator.partial_fit(x, y, classes=classes)
                passes.record(estimator)
                if passes.should_stop:
                    break

    Takes a ``Monitor``, or a directory and a monitor's keywords. Of a classifier it records the log loss where it gives probabilities, else
    the hinge loss, and the accuracy; of a regressor the mean squared error and R²; and ``loss`` where the
    estimator keeps its own of the last pass. It only asks for predictions: the estimator, its random state too, stays
    as it is. Sets of more than 10,000 rows are judged by as many of them, drawn once. ``record`` takes a batch instead of ``train``
    for data that comes in parts; before ``partial_fit`` has seen it, it is as good as held out.
    """

    def __init__(self, monitor: Given, *, train: Pair | None = None, val: Pair | None = None, **options: Any) -> None:
        if train is not None and len(train) != 2:
            raise UsageError("train must be a pair of inputs and targets", hint="train=(x, y)")
        self._guard = GuardedMonitor("the record of passes", monitor, options)
        self._given, self._rows = train, _few(train)
        self._val = _few(val)
        self._pass = 0

    @property
    def report(self) -> Report | None:
        """The last report of the run."""
        return self._guard.report

    @property
    def should_stop(self) -> bool:
        """Whether the training should end now."""
        return self._guard.should_stop

    def record(self, estimator: Any, x: Any = None, y: Any = None) -> None:
        """Record what the estimator makes of the training set, or of the batch ``x``, ``y``, and of the validation set."""
        train = self._rows if x is None else (x, y)
        if self._pass == 0:
            self._guard.tell(self._guard.learnt(lambda: _facts(estimator)))
            targets = self._given[1] if self._given is not None else None
            self._guard.tell(self._guard.learnt(lambda: _target_facts(estimator, targets)))
        values: dict[str, float] = self._guard.attempt(
            lambda: _values(estimator, {"train": train, "val": self._val}), {}
        )
        self._guard.log(values, step=self._pass)
        self._pass += 1

    def close(self) -> None:
        """Close a monitor that was opened here, which judges the run as its log will be judged."""
        self._guard.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _few(pair: Pair | None) -> Pair | None:
    if pair is None or np.shape(pair[1])[0] <= _ROWS:
        return pair
    x, y = utils.resample(*pair, replace=False, n_samples=_ROWS, random_state=0)
    return x, y


def _values(estimator: Any, sets: Mapping[str, Pair | None]) -> dict[str, float]:
    own: Any = getattr(estimator, "loss_", None)  # of neural networks, the penalty of the weights among it
    found = {"loss": float(own)} if isinstance(own, (int, float)) else {}
    for split, pair in sets.items():
        if pair is not None:
            found |= {f"{split}/{name}": value for name, value in _scores(estimator, *pair).items()}
    return found


def _scores(estimator: Any, x: Any, y: Any) -> dict[str, float]:
    if not hasattr(estimator, "classes_"):
        told = estimator.predict(x)
        return {"mse": float(metrics.mean_squared_error(y, told)), "r2": float(estimator.score(x, y))}
    if np.ndim(y) > 1:  # several labels at once: all must be right
        return {"accuracy": float(estimator.score(x, y))}
    return {**_loss(estimator, x, y), "accuracy": float(estimator.score(x, y))}


def _loss(estimator: Any, x: Any, y: Any) -> dict[str, float]:
    classes = estimator.classes_
    if hasattr(estimator, "predict_proba"):
        return {"logloss": float(metrics.log_loss(y, estimator.predict_proba(x), labels=classes))}
    if getattr(estimator, "loss", None) == "hinge":
        return {"hinge_loss": float(metrics.hinge_loss(y, estimator.decision_function(x), labels=classes))}
    return {}


def _facts(estimator: Any) -> dict[str, Any]:
    """Return the estimator's own settings under the names of facts; its ``alpha`` is the factor of the L2 penalty."""
    told: dict[str, Any] = estimator.get_params(deep=False)
    classes = getattr(estimator, "classes_", None)
    batch = told.get("batch_size")
    return {
        "num_classes": None if classes is None or isinstance(classes, list) else len(classes),
        "loss": _family(estimator),
        "optimizer": told.get("solver", "sgd"),
        "lr": told.get("learning_rate_init", told.get("eta0")) or None,
        "schedule": told.get("learning_rate") if isinstance(told.get("learning_rate"), str) else None,
        "batch_size": batch if isinstance(batch, int) else None,
        "l2_penalty": told.get("alpha"),
    }


def _family(estimator: Any) -> str | None:
    named = getattr(estimator, "loss", None)
    if hasattr(estimator, "classes_"):
        return "cross_entropy" if hasattr(estimator, "predict_proba") and named in {None, "log_loss"} else None
    return None  # the loss of a regressor may be half its squared error; the mean squared error that is recorded says so by its name


def _target_facts(estimator: Any, targets: Any) -> dict[str, Any]:
    if targets is None or np.ndim(targets) != 1:
        return {}
    told: Any = np.asarray(targets)
    if not hasattr(estimator, "classes_"):
        mean, spread = float(told.mean()), float(told.std())
        return {"num_samples": len(told), "target_mean": mean, "target_std": spread, "target_variance": spread**2}
    classes: list[Any] = estimator.classes_.tolist()
    shares = [int(np.count_nonzero(told == one)) / len(told) for one in classes]
    prior = {"positive_rate": shares[1]} if len(shares) == 2 else {}
    return {"num_samples": len(told), "class_prior": ", ".join(f"{share:.6g}" for share in shares), **prior}
